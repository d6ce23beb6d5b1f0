import type { FloorSession, Step } from '../../protocol/machines.ts';
import type { ChartName } from './drawings.ts';

/** An actor in a drawing. */
export interface Figure {
  chart: ChartName;
  /** The session itself, or the session that the attempt belongs to; '' in a replay. */
  sessionId: string;
  callId: string | null;
  /** Name of the agent, or of the lead. */
  label: string;
  state: string;
}

/** What a drawing shows at one moment. */
export interface Scene {
  figures: readonly Figure[];
  /** Arrows that were taken just now, and (of one session) those that were taken before. */
  taken: ReadonlySet<string>;
  walked: ReadonlySet<string>;
}

export const figuresOf = (sessions: readonly FloorSession[]): Figure[] =>
  sessions.flatMap(({ sessionId, agent, state, calls }) => [
    { chart: 'agent-session', sessionId, callId: null, label: agent, state },
    ...calls.map((call): Figure => ({
      chart: 'outbound-call',
      sessionId,
      callId: call.callId,
      label: call.lead,
      state: call.state,
    })),
  ]);

/** One session as it stood after a step, with the way it came; of one call, if one is chosen. */
export function sceneOf(
  session: FloorSession | { sessionId: string; agent: string },
  steps: readonly Step[],
  index: number,
  callId: string | null,
): Scene {
  const step = steps[index];
  if (!step) return { figures: [], taken: new Set(), walked: new Set() };
  const isShown = (of: string | null): boolean => callId === null || of === null || of === callId;
  const arrowsOf = (some: readonly Step[]): Set<string> =>
    new Set(
      some.flatMap(({ taken }) =>
        taken.filter((one) => isShown(one.callId)).map((one) => arrowKey(one.callId, one.arrow)),
      ),
    );
  return {
    figures: figuresOf([
      {
        sessionId: session.sessionId,
        agent: session.agent,
        state: step.session,
        calls: step.calls.filter((call) => isShown(call.callId)),
      },
    ]),
    taken: arrowsOf([step]),
    walked: arrowsOf(steps.slice(0, index)),
  };
}

/** Both charts have a state `dialing`: the chart goes in front. */
export const arrowKey = (callId: string | null, arrow: string): string =>
  `${callId === null ? 'agent-session' : 'outbound-call'} ${arrow}`;

export const isIn = (state: string, path: string): boolean =>
  state === path || state.startsWith(`${path}.`);
