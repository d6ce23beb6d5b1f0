import type { CallSid, SessionId } from '../domain/ids.ts';
import type { Durability } from './durability.ts';
import type { LiveSessions } from './live-sessions.ts';
import type { DialerPorts } from './ports.ts';
import type { KeyedOrder, SessionHost } from './session-host.ts';

/** How often the legs of talks and of waiting agents are asked about; a lost callback costs at most twice that, and so does an orphan. */
const RECONCILE_EVERY_MS = 30_000;

/**
 * After a start so many sessions are asked about at once, then as many again: a floor of a hundred takes half a second. All
 * at once would keep a large floor from being answered: each session is two or more requests.
 */
const ASKED_AT_ONCE = 20;
const ASKED_EVERY_MS = 100;

/** Compares what the sessions believe with what Twilio knows: callbacks are a hint, its record is the truth. */
export class Reconciliation {
  readonly #ports: DialerPorts;
  readonly #sessions: LiveSessions;
  readonly #durability: Durability;
  readonly #carryOut: (host: SessionHost, order: KeyedOrder) => void;
  /** Calls that were nobody's when Twilio was asked last. */
  #orphans: ReadonlySet<CallSid> = new Set();
  #cancel: (() => void) | null = null;
  #cancelTurn: (() => void) | null = null;
  readonly #toAsk = new Set<SessionId>();
  #askedAt = -Infinity;
  #asked = 0;
  #cancelNext: (() => void) | null = null;
  #stopped = false;

  constructor(
    ports: DialerPorts,
    sessions: LiveSessions,
    durability: Durability,
    carryOut: (host: SessionHost, order: KeyedOrder) => void,
  ) {
    this.#ports = ports;
    this.#sessions = sessions;
    this.#durability = durability;
    this.#carryOut = carryOut;
  }

  /** A callback that never came must not hold an agent for long: her phone and her talk are asked about in turn. */
  goOn(): void {
    if (this.#cancel || this.#stopped) return;
    const { clock } = this.#ports;
    this.#cancel = clock.wakeAt(clock.now() + RECONCILE_EVERY_MS, () => {
      this.#cancel = null;
      if (this.#sessions.size > 0) this.goOn();
      if (this.#durability.failure !== null) return; // Answers are entries too.
      this.#askInTurn();
      void this.endOrphans(false);
    });
  }

  /** Spread over the time until the next round: hundreds of questions at once would hold up a call that is to be placed. */
  #askInTurn(): void {
    const { clock } = this.#ports;
    const startedAt = clock.now();
    const sessionIds = Array.from(this.#sessions.all(), ({ sessionId }) => sessionId);
    const ask = (index: number): void => {
      if (this.#stopped || this.#durability.failure !== null) return;
      const sessionId = sessionIds[index];
      const host = sessionId && this.#sessions.get(sessionId);
      if (host) this.#ask(host, false);
      if (index + 1 >= sessionIds.length) return;
      const after = Math.ceil(((index + 1) * RECONCILE_EVERY_MS) / sessionIds.length);
      this.#cancelTurn = clock.wakeAt(startedAt + after, () => ask(index + 1));
    };
    ask(0);
  }

  /** Asks about every leg that talks or waits. */
  askNow(): void {
    for (const host of this.#sessions.all()) this.#ask(host, false);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#cancelTurn?.();
    this.#cancelNext?.();
  }

  /** Asks, soon, what became of every leg that this session believes to be alive: nobody has listened for a while. */
  askAll({ sessionId }: SessionHost): void {
    this.#toAsk.add(sessionId);
    this.#askNext();
  }

  #askNext(): void {
    const { clock } = this.#ports;
    const now = clock.now();
    if (now - this.#askedAt >= ASKED_EVERY_MS) [this.#askedAt, this.#asked] = [now, 0];
    for (const sessionId of this.#toAsk) {
      if (this.#asked === ASKED_AT_ONCE) break;
      this.#toAsk.delete(sessionId);
      this.#asked += 1;
      const host = this.#sessions.get(sessionId);
      if (host) this.#ask(host, true);
    }
    if (this.#toAsk.size === 0 || this.#stopped) return;
    this.#cancelNext ??= clock.wakeAt(this.#askedAt + ASKED_EVERY_MS, () => {
      this.#cancelNext = null;
      // Answers are entries: when those can be written again, all are asked about anew.
      if (this.#durability.failure === null) this.#askNext();
    });
  }

  #ask(host: SessionHost, isAll: boolean): void {
    const { open, consumerSid } = host.snapshot.context;
    if (isAll) this.#carryOut(host, { key: 'start', order: { kind: 'ensureQueue' } });
    if (consumerSid !== null) {
      this.#carryOut(host, {
        key: 'reconcile',
        order: { kind: 'inspectConsumer', sid: consumerSid },
      });
    }
    for (const callId of open) {
      const call = host.call(callId);
      const sid = call?.context.sid ?? null;
      if (sid === null || !(isAll || call?.matches('bridged'))) continue;
      this.#carryOut(host, { key: 'reconcile', order: { kind: 'inspectCall', callId, sid } });
    }
  }

  /**
   * Ends calls that we placed and that no session owns: there is nobody to talk to them. In between, only those that
   * were nobody's the last time as well: what Twilio lists may be a moment old.
   */
  async endOrphans(isStart: boolean): Promise<void> {
    const live = await this.#ports.telephony.liveCalls();
    if (this.#stopped) return;
    const { sids, numbers } = this.#owned();
    const orphans = (live ?? []).filter(({ sid, to }) => !sids.has(sid) && !numbers.has(to));
    const before = this.#orphans;
    this.#orphans = new Set(orphans.map(({ sid }) => sid));
    for (const { sid } of orphans) {
      if (!isStart && !before.has(sid)) continue;
      this.#ports.report('leg.orphaned', { callSid: sid });
      await this.#ports.telephony.endCall(sid, 'complete');
    }
    if (live === null || live.length > 0) this.goOn();
  }

  /** Legs by SID; and numbers whose call has none yet: its create is under way, or its look-up comes first. */
  #owned(): { sids: Set<CallSid>; numbers: Set<string> } {
    const sids = new Set<CallSid>();
    const numbers = new Set<string>();
    for (const host of this.#sessions.all()) {
      for (const callId of host.snapshot.context.open) {
        const call = host.call(callId);
        const lead = call && host.leads.get(call.context.leadId);
        if (call?.context.sid) sids.add(call.context.sid);
        else if (lead) numbers.add(lead.phone.e164);
      }
    }
    return { sids, numbers };
  }
}
