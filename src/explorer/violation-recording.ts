import { composeSession, type OrderSink } from '../dialer/compose.ts';
import type { SessionOpening } from '../dialer/ports.ts';
import { SessionHost } from '../dialer/session-host.ts';
import { recordingOf } from '../replay/journal-recording.ts';
import { writeOwnFormat } from '../replay/own-format.ts';
import type { Recording } from '../replay/recording.ts';
import { StepJournal } from '../replay/replay-ports.ts';
import { applyStep } from './apply.ts';
import { beginning, stageOf, type ExploreOptions, type Violation } from './explore.ts';
import type { Told } from './session.ts';
import { SESSION_ID } from './world.ts';

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
  const { world, session } = beginning(stage, options);
  for (const step of steps) applyStep(world, session, step, options);
  const journal = new StepJournal();
  const sessionId = SESSION_ID;
  const opening = openingOf({ ...stage.input, agentName: 'agent-1' }, session.told);
  journal.append({ kind: 'opened', sessionId, at: STARTS_AT, version: 0, opening });
  play(journal, opening, session.told);
  const recording = recordingOf([{ sessionId, closedAt: null, entries: journal.take() }], {
    numberOf: () => null,
    isRaw: false,
  });
  if (broken.some((text) => text.startsWith('S8'))) repeatLast(recording);
  return recording;
}

function play(journal: StepJournal, opening: SessionOpening, told: readonly Told[]): void {
  const sink: OrderSink = { take: () => {} };
  const stage = { machine: composeSession(sink), sink, journal, onFailure: () => {} };
  const host = new SessionHost(stage, opening, STARTS_AT);
  for (const each of told) {
    if ('timer' in each) {
      const due = host.nextDue();
      if (due !== null && due < STARTS_AT + NEVER_MS) host.runTimers(due);
    } else {
      const { event, reply, rest } = each;
      host.deliver(host.now + STEP_MS, event, { ...(reply && { reply }), ...(rest && { rest }) });
    }
  }
  host.stop();
}

/** Limits as they are for timers that fire; for all others, never. */
function openingOf(opening: SessionOpening, told: readonly Told[]): SessionOpening {
  const fired = new Set(
    told.flatMap((each) => ('timer' in each ? `${limitOf(each.timer)}Ms` : [])),
  );
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

/** `xstate.after.bridgeWithin.…` is a wait of `bridgeWithin`. */
const limitOf = (timer: string): string =>
  timer === 'session.expired' ? 'detachedWithin' : (timer.split('.')[2] ?? '');

/** What broke was the answer to a repeat, which no journal holds. */
function repeatLast({ entries }: Recording): void {
  const last = entries.findLast(({ kind }) => kind === 'request');
  if (last) entries.push(last);
}
