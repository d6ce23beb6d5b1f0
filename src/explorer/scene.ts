import type { EffectOrder } from '../domain/events.ts';
import type { TwimlPlan } from '../domain/twiml-plan.ts';
import type { WebhookRequest } from '../domain/webhook.ts';
import type { ExploredSession } from './session.ts';
import { agentOf, type World } from './world.ts';

/** What one step did, for the invariants and the story. */
export interface Happening {
  /** What was asked of us and what we answered. */
  replies: { request: WebhookRequest; plan: TwimlPlan }[];
  orders: EffectOrder[];
  /** What is wrong with the step itself, found while it was made. */
  broken: string[];
}

/** What a step is made on. */
export interface Scene {
  world: World;
  /** One for each agent. */
  sessions: readonly ExploredSession[];
  happening: Happening;
  /** Whether the list and the line take their time; else they answer at once. */
  slowStore: boolean;
  hasty: boolean;
}

export function sessionAt({ sessions }: Pick<Scene, 'sessions'>, agent: number): ExploredSession {
  const session = sessions[agent];
  if (!session) throw new Error(`nobody explores a session of agent ${agent}`);
  return session;
}

/** The session that this call was placed for. */
export const sessionOf = (
  { world, sessions }: Pick<Scene, 'world' | 'sessions'>,
  call: number,
): ExploredSession => sessionAt({ sessions }, agentOf(world, call));
