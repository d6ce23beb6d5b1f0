import type { ExploredSession } from './session.ts';
import { agentAt, isLive, phoneSid, type World } from './world.ts';

/** Her leg is over, and the session does not know. */
export function isPhoneGone(world: World, { agent, snapshot }: ExploredSession): boolean {
  const { phone, phones } = agentAt(world, agent);
  const { consumerSid } = snapshot.context;
  return consumerSid !== null && (phone === 'away' || consumerSid !== phoneSid(agent, phones));
}

/** Calls that the session takes for a talk, and whose leg is over. */
export const endedTalks = ({ calls }: World, session: ExploredSession): number[] =>
  calls.flatMap((call, index) =>
    session.call(call.callId)?.matches('bridged') === true && !isLive(call) ? [index] : [],
  );

/** Every half a minute Twilio is asked about her phone and her talk; here, only where that brings news. */
export const hasNews = (world: World, session: ExploredSession): boolean =>
  isPhoneGone(world, session) || endedTalks(world, session).length > 0;
