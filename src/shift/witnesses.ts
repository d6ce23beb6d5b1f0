import { catalogued, type ChartName } from '../charts/catalogue.ts';
import type { JournalEntry } from '../dialer/ports.ts';
import type { SessionId } from '../domain/ids.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { TwimlPlan } from '../domain/twiml-plan.ts';
import { Trace, type TraceStep } from '../watch/trace.ts';
import { FAULT_KINDS } from './faults.ts';

/** Nothing ends as `machine`: see NO_MACHINES. */
const OUTCOMES: Record<Exclude<Outcome, 'machine'>, true> = {
  talked: true,
  abandoned: true,
  noAnswer: true,
  busy: true,
  failed: true,
  canceled: true,
  refused: true,
};

const REPLIES: Record<TwimlPlan['plan'], true> = {
  promptCode: true,
  dismiss: true,
  dialQueue: true,
  goodbye: true,
  enqueue: true,
  hold: true,
  leave: true,
  notice: true,
  lostLine: true,
  unavailable: true,
  hangUp: true,
  proceed: true,
  noContent: true,
};

const CHARTS: readonly ChartName[] = ['agent-session', 'outbound-call'];

/** Agents whose arrows are counted: it takes actors of its own. */
const FOLLOWED = 3;

/** Names of agents; others for other seeds. */
export const followedOf = (seed: number, agents: number): ReadonlySet<string> =>
  new Set(Array.from({ length: FOLLOWED }, (_, index) => `agent ${((seed + index) % agents) + 1}`));

/** Follows sessions through their journal and counts the arrows that their actors took. */
export class ArrowCounter {
  readonly counts: Record<string, number> = {};
  readonly #traces = new Map<SessionId, Trace>();
  readonly #isFollowed: (agentId: string) => boolean;
  readonly #onStep: (sessionId: SessionId, step: TraceStep) => void;

  constructor(
    isFollowed: (agentId: string) => boolean,
    onStep: (sessionId: SessionId, step: TraceStep) => void = () => {},
  ) {
    this.#isFollowed = isFollowed;
    this.#onStep = onStep;
  }

  see(entry: JournalEntry): void {
    const { sessionId } = entry;
    if (entry.kind === 'opened') {
      if (!this.#isFollowed(entry.opening.agentId)) return;
      const trace = new Trace({ opening: entry.opening, at: entry.at });
      this.#traces.set(sessionId, trace);
      return this.#count(sessionId, trace.first);
    }
    const trace = this.#traces.get(sessionId);
    if (!trace) return;
    if (entry.kind === 'event' || entry.kind === 'timer') {
      this.#count(sessionId, trace.apply(entry));
    } else if (entry.kind === 'closed') {
      trace.stop();
      this.#traces.delete(sessionId);
    }
  }

  #count(sessionId: SessionId, step: TraceStep): void {
    for (const { callId, arrow } of step.taken) {
      const name = `${callId === null ? 'agent-session' : 'outbound-call'} ${arrow}`;
      this.counts[name] = (this.counts[name] ?? 0) + 1;
    }
    this.#onStep(sessionId, step);
  }
}

export interface Witness {
  name: string;
  count: number;
}

export interface Seen {
  faults: Readonly<Record<string, number>>;
  outcomes: Readonly<Partial<Record<Outcome, number>>>;
  replies: Readonly<Record<string, number>>;
  arrows: Readonly<Record<string, number>>;
}

const ASKED_BY_NOBODY =
  'the dialer asks `isLive` first, and a page that opens has cancelled the expiry';
const NO_MACHINES = 'machine detection is off in the product';
const DENIES = 'only who is hoped for claims, and whoever leaves `dialing` cancels those first';

/**
 * Arrows that no shift can take, and why: the charts have them all the same, because each must answer everything. One
 * that is taken after all is a witness like any other.
 */
const NOT_ON_A_SHIFT: Readonly<Record<string, string>> = {
  'agent-session (anywhere) call.claimed': DENIES,
  'outbound-call dialing.claiming claim.denied → ending.closing.refusing': DENIES,
  'outbound-call dialing.claiming leg.answered': 'the claim is answered in the same step',
  'agent-session completed agent.signOut': ASKED_BY_NOBODY,
  'agent-session completed session.expired': ASKED_BY_NOBODY,
  'outbound-call idle twilio.createFailed → completed': 'its lead is always known',
  'outbound-call dialing.placed.ringing.early call.cancel → ending.canceling.requested':
    'who need not ring on has rung long enough at once: timers that are due come before any event',
  'outbound-call dialing.placed.ringing.ringingOut call.cancel':
    'who rings out is hoped for no more, so nobody cancels it again',
  'outbound-call dialing leg.answered [isMachine] → ending.closing.dismissing': NO_MACHINES,
  'outbound-call dialing.placed.ringing.ringingOut leg.answered [isMachine] → ending.closing.dismissing':
    NO_MACHINES,
  'outbound-call ending.canceling leg.answered [isMachine] → ending.closing.dismissing':
    NO_MACHINES,
  'outbound-call ending.closing.dismissing after a while → ending.closing.hangingUp': NO_MACHINES,
};

/** Everything that must have happened for a run to prove something, the rarest first. */
export function witnesses(seen: Seen, hasFaults: boolean): Witness[] {
  const faults = hasFaults ? FAULT_KINDS.map((kind) => witness('fault', kind, seen.faults)) : [];
  const outcomes = Object.keys(OUTCOMES).map((name) => witness('outcome', name, seen.outcomes));
  const replies = Object.keys(REPLIES).map((name) => witness('reply', name, seen.replies));
  const all = [...faults, ...outcomes, ...replies, ...arrows(seen.arrows)];
  return all
    .filter(({ name, count }) => count > 0 || !(name in NOT_ON_A_SHIFT))
    .toSorted((a, b) => a.count - b.count);
}

const witness = (
  sort: string,
  name: string,
  counts: Readonly<Record<string, number | undefined>>,
): Witness => ({ name: `${sort} ${name}`, count: counts[name] ?? 0 });

function arrows(counts: Readonly<Record<string, number>>): Witness[] {
  return CHARTS.flatMap((name) =>
    [...catalogued(name).chart.states.values()].flatMap((state) =>
      state.arrows.map(({ id, to, event, deadline, guard }) => ({
        name: [
          `${name} ${state.path || '(anywhere)'}`,
          event ?? (deadline ? 'after a while' : 'at once'),
          guard === null ? '' : `[${guard}]`,
          to === null ? '' : `→ ${to}`,
        ]
          .filter((word) => word !== '')
          .join(' '),
        count: counts[`${name} ${id}`] ?? 0,
      })),
    ),
  );
}
