import { billedMinutes } from './call-progress.ts';
import type { AnsweredBy, CallStatus, Direction, EndedBy, Heard, Leg } from './leg.ts';

/** What truly happened to one call, whatever anyone was told. */
export interface LedgerCall {
  readonly callSid: string;
  readonly direction: Direction;
  readonly from: string;
  readonly to: string;
  readonly parentCallSid: string | null;
  readonly placedAt: number;
  /** When it began to ring, or null. */
  readonly rangAt: number | null;
  readonly answeredAt: number | null;
  readonly endedAt: number | null;
  readonly status: CallStatus;
  readonly endedBy: EndedBy | null;
  readonly answeredBy: AnsweredBy | null;
  /** A person, a machine …: what really picked up. */
  readonly nature: string;
  readonly talkSeconds: number;
  readonly billedMinutes: number;
  /** Where the application sent the call: lets an invariant tie calls to its own ids. */
  readonly url: string | null;
}

export interface LedgerBridge {
  readonly id: number;
  readonly kind: 'queue' | 'number' | 'conference';
  /** Who dialed: the agent's leg for a queue. */
  readonly callSid: string;
  readonly otherCallSid: string;
  readonly queueSid: string | null;
  readonly startedAt: number;
  endedAt: number | null;
}

export interface LedgerQueueVisit {
  readonly queueSid: string;
  readonly queueName: string;
  readonly callSid: string;
  readonly enteredAt: number;
  leftAt: number | null;
  result: string | null;
}

/** The network's own book of what was placed, answered, bridged, billed and heard: the judge of every invariant. */
export class Ledger {
  readonly bridges: LedgerBridge[] = [];
  readonly queueVisits: LedgerQueueVisit[] = [];
  readonly #legs: () => Iterable<Leg>;
  readonly #now: () => number;
  readonly #rangAt = new Map<string, number>();
  readonly #forgotten: LedgerCall[] = [];
  readonly #open = new Set<LedgerBridge>();

  constructor(legs: () => Iterable<Leg>, now: () => number) {
    this.#legs = legs;
    this.#now = now;
  }

  get calls(): LedgerCall[] {
    return [...this.#forgotten, ...[...this.#legs()].map((leg) => this.#entry(leg))];
  }

  call(callSid: string): LedgerCall | null {
    return this.calls.find((call) => call.callSid === callSid) ?? null;
  }

  liveCalls(): LedgerCall[] {
    return this.calls.filter((call) => call.endedAt === null);
  }

  /** What the person on the call heard, in order. */
  heard(callSid: string): readonly Heard[] {
    for (const leg of this.#legs()) if (leg.sid === callSid) return leg.heard;
    return [];
  }

  bridgesOf(callSid: string): LedgerBridge[] {
    return this.bridges.filter(
      (bridge) => bridge.callSid === callSid || bridge.otherCallSid === callSid,
    );
  }

  billedMinutes(): number {
    return this.calls.reduce((sum, call) => sum + call.billedMinutes, 0);
  }

  rang(leg: Leg): void {
    this.#rangAt.set(leg.sid, this.#now());
  }

  bridged(kind: LedgerBridge['kind'], leg: Leg, other: Leg, queueSid: string | null): LedgerBridge {
    const bridge: LedgerBridge = {
      id: this.bridges.length + 1,
      kind,
      callSid: leg.sid,
      otherCallSid: other.sid,
      queueSid,
      startedAt: this.#now(),
      endedAt: null,
    };
    this.bridges.push(bridge);
    this.#open.add(bridge);
    return bridge;
  }

  unbridged(bridge: LedgerBridge): void {
    bridge.endedAt ??= this.#now();
    this.#open.delete(bridge);
  }

  queued(queueSid: string, queueName: string, leg: Leg): LedgerQueueVisit {
    const visit: LedgerQueueVisit = {
      queueSid,
      queueName,
      callSid: leg.sid,
      enteredAt: this.#now(),
      leftAt: null,
      result: null,
    };
    this.queueVisits.push(visit);
    return visit;
  }

  /** A call deleted by REST is gone from Twilio, not from the books. */
  remember(leg: Leg): void {
    this.#forgotten.push(this.#entry(leg));
  }

  ended(leg: Leg): void {
    for (const bridge of this.#open) {
      if (bridge.callSid === leg.sid || bridge.otherCallSid === leg.sid) this.unbridged(bridge);
    }
  }

  toJSON(): { calls: LedgerCall[]; bridges: LedgerBridge[]; queueVisits: LedgerQueueVisit[] } {
    return { calls: this.calls, bridges: this.bridges, queueVisits: this.queueVisits };
  }

  #entry(leg: Leg): LedgerCall {
    return {
      callSid: leg.sid,
      direction: leg.direction,
      from: leg.from,
      to: leg.to,
      parentCallSid: leg.parent?.sid ?? null,
      placedAt: leg.createdAt,
      rangAt: this.#rangAt.get(leg.sid) ?? null,
      answeredAt: leg.answeredAt,
      endedAt: leg.endedAt,
      status: leg.status,
      endedBy: leg.endedBy,
      answeredBy: leg.answeredBy,
      nature: leg.party.nature ?? 'person',
      talkSeconds: leg.durationSeconds,
      billedMinutes:
        leg.direction === 'outbound-dial' || leg.isAnswered
          ? billedMinutes(leg.durationSeconds)
          : 0,
      url: leg.placedUrl,
    };
  }
}
