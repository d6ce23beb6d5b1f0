import { composeSession, type OrderSink } from '../dialer/compose.ts';
import type { SessionOpening } from '../dialer/ports.ts';
import { SessionHost } from '../dialer/session-host.ts';
import type { SessionEvent } from '../domain/events.ts';
import { recordingOf } from '../replay/journal-recording.ts';
import { writeOwnFormat } from '../replay/own-format.ts';
import type { Recording } from '../replay/recording.ts';
import { StepJournal } from '../replay/replay-ports.ts';
import { applyStep } from './apply.ts';
import { beginning, stageOf, type ExploreOptions, type Violation } from './explore.ts';
import { inputOf, type ExploredSession, type ExploredStage, type Told } from './session.ts';

/** Monday 7 January 2030, 15:00 UTC: when recordings of the repository begin. */
const STARTS_AT = Date.UTC(2030, 0, 7, 15);
const STEP_MS = 1;
/** Longer than any story: a timer that does not fire in it must not fire in its replay. */
const NEVER_MS = 10 * 24 * 3_600_000;

/**
 * The steps of a violation as a file that `replay` reads: what the session was told goes through a journal. Time is made
 * up: a millisecond a step, and where a timer fires, as long as it takes. Two timers of one kind cannot be told apart so.
 */
export function violationRecording(options: ExploreOptions, violation: Violation): string {
  return writeOwnFormat(asRecording(options, violation));
}

export function asRecording(options: ExploreOptions, { steps, broken }: Violation): Recording {
  const stage = stageOf(options);
  const { world, sessions } = beginning(stage, options);
  const told = drain(sessions);
  for (const step of steps) {
    applyStep(world, sessions, step, options);
    told.push(...drain(sessions));
  }
  const recording = recordingOf(played(stage, sessions, told), {
    numberOf: () => null,
    isRaw: false,
  });
  if (broken.some((text) => text.startsWith('S8'))) repeatLast(recording);
  return recording;
}

interface ToldTo {
  agent: number;
  what: Told;
}

/** What the sessions were told since the last look. */
const drain = (sessions: readonly ExploredSession[]): ToldTo[] =>
  sessions.flatMap(({ agent, told }) => told.splice(0).map((what) => ({ agent, what })));

/** The same told to hosts with journals: what these hold is the recording. */
function played(
  stage: ExploredStage,
  sessions: readonly ExploredSession[],
  all: readonly ToldTo[],
): Parameters<typeof recordingOf>[0] {
  const sink: OrderSink = { take: () => {} };
  const machine = composeSession(sink);
  const hosts = sessions.map(({ agent, sessionId }) => {
    const journal = new StepJournal();
    const agentName = `agent-${agent + 1}`;
    const opening = openingOf({ ...inputOf(stage, agent), agentName }, all);
    journal.append({ kind: 'opened', sessionId, at: STARTS_AT, version: 0, opening });
    const host = new SessionHost(
      { machine, sink, journal, onFailure: () => {} },
      opening,
      STARTS_AT,
    );
    return { host, journal };
  });
  for (const { agent, what } of all) {
    const host = hosts[agent]?.host;
    const now = Math.max(...hosts.map((each) => each.host.now));
    if (host) play(host, now, what);
  }
  return hosts.map(({ host, journal }) => {
    host.stop();
    return { sessionId: host.sessionId, closedAt: null, entries: journal.take() };
  });
}

function play(host: SessionHost, now: number, told: Told): void {
  if ('timer' in told) {
    const due = host.nextDue();
    if (due !== null && due < STARTS_AT + NEVER_MS) host.runTimers(due);
    return;
  }
  const { event, reply, rest } = told;
  const takesMs = isNotFound(event) ? host.opening.callLimits.lookUpWithinMs - 1000 : STEP_MS;
  host.deliver(now + takesMs, event, { ...(reply && { reply }), ...(rest && { rest }) });
}

/** Limits as they are for timers that fire; for all others, never. */
function openingOf(opening: SessionOpening, told: readonly ToldTo[]): SessionOpening {
  const fired = new Set(told.flatMap(({ what }) => limitOf(what) ?? []));
  const limit = (name: string, ms: number): number => (fired.has(name) ? ms : NEVER_MS);
  const callLimits = Object.fromEntries(
    Object.entries(opening.callLimits).map(([name, ms]) => [
      name,
      name === 'ringAtLeastMs' ? ms : limit(name, ms as number),
    ]),
  );
  return {
    ...opening,
    detachedWithinMs: limit('detachedWithinMs', opening.detachedWithinMs),
    closeWithinMs: limit('closeWithinMs', opening.closeWithinMs),
    callLimits: { ...opening.callLimits, ...callLimits },
  };
}

/** `xstate.after.bridgeWithin.…` is a wait of `bridgeWithinMs`. */
function limitOf(told: Told): string | null {
  if (!('timer' in told)) return isNotFound(told.event) ? 'lookUpWithinMs' : null;
  if (told.timer === 'session.expired') return 'detachedWithinMs';
  return `${told.timer.split('.')[2] ?? ''}Ms`;
}

/** A call is searched for until little is left of its limit; only then it counts as never placed. */
const isNotFound = (event: SessionEvent): boolean =>
  event.type === 'call.deliver' && event.event.type === 'twilio.notFound';

/** What broke was the answer to a repeat, which no journal holds. */
function repeatLast({ entries }: Recording): void {
  const last = entries.findLast(({ kind }) => kind === 'request');
  if (last) entries.push(last);
}
