import { isTerminal } from '../domain/call-status.ts';
import type { CallEvent, EffectOrder, SessionEvent } from '../domain/events.ts';
import type { CallId, CallSid } from '../domain/ids.ts';
import type { Durability } from './durability.ts';
import { LinePacer } from './line-pacer.ts';
import type { CallFact, DialerPorts, DialerSettings, Lines, RestQuestion } from './ports.ts';
import type { KeyedOrder, SessionHost } from './session-host.ts';

/** Twilio answers 429 before it processes anything, so a create may be sent again: after 0.5, 1, 2, 4, 8 s. */
const RETRY_CREATE_AFTER_MS = [500, 1000, 2000, 4000, 8000];
/** How far Twilio's clock may be behind ours; its dates have whole seconds. */
const CLOCK_SKEW_MS = 2000;
/** A lost create is looked up this often. */
const LOOK_UP_EVERY_MS = 5000;
/** The queue is asserted again this often until it exists; `<Dial><Queue>` needs it. */
const ENSURE_QUEUE_AFTER_MS = [500, 1000, 2000, 5000, 10_000, 30_000];

/** What must not be forgotten once it has begun; its end is journaled. The rest is asked anew or told anew. */
const NOTED: ReadonlySet<EffectOrder['kind']> = new Set([
  'placeCall',
  'endCall',
  'reserveLeads',
  'callEnded',
  'recordDisposition',
  'endConsumer',
  'deleteQueue',
]);

type Deliver = (host: SessionHost, event: SessionEvent, rest?: RestQuestion) => void;
type OrderOf<Kind extends EffectOrder['kind']> = Extract<EffectOrder, { kind: Kind }>;

/**
 * Carries out what the charts ordered, once the journal is safe, and brings every result back through the door.
 *   E1. A create is sent once. Only a refusal that proves that nothing was placed (429, refused connection) is sent again.
 *   E2. Everything else may be repeated: ending, looking, asserting the queue.
 *   E3. An effect decides nothing: it asks the chart whether the order still stands.
 */
export class Effects {
  readonly #ports: DialerPorts;
  readonly #settings: DialerSettings;
  readonly #durability: Durability;
  readonly #deliver: Deliver;
  readonly #lines: Lines;
  readonly #open = new Map<SessionHost, Set<Promise<void>>>();
  readonly #underWay = new Set<string>();
  #stopped = false;

  constructor(
    ports: DialerPorts,
    settings: DialerSettings,
    durability: Durability,
    deliver: Deliver,
  ) {
    this.#ports = ports;
    this.#settings = settings;
    this.#durability = durability;
    this.#deliver = deliver;
    this.#lines = ports.lines ?? new LinePacer(ports.clock, settings.callsPerSecond);
  }

  stop(): void {
    this.#stopped = true;
    this.#lines.stop();
  }

  /** Starts an order; what may fail is caught and reported here. */
  carryOut(host: SessionHost, keyed: KeyedOrder): void {
    const work = this.#run(host, keyed);
    if (!NOTED.has(keyed.order.kind)) return;
    const open = this.#open.get(host) ?? new Set();
    this.#open.set(host, open.add(work));
    const id = `${host.sessionId} ${keyed.key}`;
    this.#underWay.add(id);
    void work.finally(() => {
      open.delete(work);
      this.#underWay.delete(id);
    });
  }

  isBusy(host: SessionHost): boolean {
    return (this.#open.get(host)?.size ?? 0) > 0;
  }

  /** Whether this order of the session is being carried out, for this host or for one that it has taken the place of. */
  isUnderWay({ sessionId }: SessionHost, { key }: KeyedOrder): boolean {
    return this.#underWay.has(`${sessionId} ${key}`);
  }

  /** Resolves when nothing that must not be forgotten is still being carried out for this session. */
  async settled(host: SessionHost): Promise<void> {
    const open = this.#open.get(host);
    while (open && open.size > 0) await Promise.all(open);
    this.#open.delete(host);
  }

  async #run(host: SessionHost, keyed: KeyedOrder): Promise<void> {
    const { key, order } = keyed;
    try {
      const wasLeft = (await this.#perform(host, keyed)) === 'left';
      if (NOTED.has(order.kind) && !wasLeft) this.#note(host, key, 'done');
    } catch (error) {
      this.#reportFailure(host, order.kind, error);
    }
  }

  /** Goes on with an order that a crash interrupted. Only a create is never sent again (E1). */
  resume(host: SessionHost, keyed: KeyedOrder): void {
    const { order } = keyed;
    switch (order.kind) {
      case 'placeCall':
        // Nobody is dialed because a process started: the agent asks again, and the lead goes back to the list.
        if (host.call(order.callId)?.matches('idle')) {
          return this.#tell(host, order.callId, { type: 'call.cancel' });
        }
        if (host.call(order.callId)?.matches({ dialing: 'requesting' })) {
          this.#tell(host, order.callId, { type: 'twilio.createLost' });
        }
        return;
      case 'endCall':
      case 'lookUpCall':
        if (host.call(order.callId)) this.carryOut(host, keyed);
        return;
      case 'reserveLeads':
      case 'callEnded':
      case 'recordDisposition':
      case 'endConsumer':
      case 'deleteQueue':
        return this.carryOut(host, keyed);
      case 'ensureQueue':
      case 'inspectCall':
      case 'inspectConsumer':
      case 'releaseLeads':
      case 'callAnswered':
      case 'listFinished':
        return; // Reconciliation asks anew, and nobody was looking.
    }
  }

  /** `left`: not even begun, because everything stops; the next start decides. */
  async #perform(host: SessionHost, { key, order }: KeyedOrder): Promise<void | 'left'> {
    switch (order.kind) {
      case 'placeCall':
        return new Promise((resolve) =>
          this.#lines.request(
            () => this.#startCall(host, key, order, resolve),
            () => resolve('left'),
          ),
        );
      case 'endCall':
        return this.#endCall(host, order);
      case 'inspectCall':
        return this.#inspectCall(host, order);
      case 'lookUpCall':
        return this.#lookUp(host, order);
      case 'reserveLeads':
        return this.#reserve(host, order.count);
      case 'releaseLeads':
        return this.#stored(host, order.kind, () =>
          this.#ports.leads.release(order.calls.map((call) => call.leadId)),
        );
      case 'callAnswered':
        return this.#announceAnswered(host, order);
      case 'callEnded':
        return this.#announceEnded(host, order);
      case 'listFinished':
        return this.#ports.notices.publish(host.sessionId, { type: 'listFinished', at: host.now });
      case 'recordDisposition': {
        const { callId, disposition, notes } = order;
        const record = { callId, disposition, notes, at: host.now };
        return this.#stored(host, order.kind, () => this.#ports.leads.recordDisposition(record));
      }
      case 'ensureQueue':
        return this.#ensureQueue(host);
      case 'deleteQueue':
        await this.#ports.telephony.deleteQueue(host.sessionId);
        return;
      case 'endConsumer':
        return this.#endConsumer(host, order);
      case 'inspectConsumer':
        return this.#inspectConsumer(host, order);
    }
  }

  /** The chart says whether the call is still wanted; if so it is out before this returns. */
  #startCall(
    host: SessionHost,
    key: string,
    order: OrderOf<'placeCall'>,
    settle: (sent: Promise<void> | void) => void,
  ): boolean {
    const { callId, leadId } = order;
    if (!host.call(callId)?.matches('idle')) {
      settle();
      return false;
    }
    if (!host.leads.has(leadId)) {
      this.#tell(host, callId, { type: 'twilio.createFailed', code: null, reason: 'no such lead' });
      settle();
      return false;
    }
    this.#tell(host, callId, { type: 'twilio.requested' });
    this.#note(host, key, 'started');
    settle(this.#createCall(host, order, 0));
    return true;
  }

  async #createCall(
    host: SessionHost,
    order: OrderOf<'placeCall'>,
    attempt: number,
  ): Promise<void> {
    const { callId, leadId } = order;
    const lead = host.leads.get(leadId);
    if (!lead) return;
    if (!(await this.#durability.isReached())) {
      // Nobody is rung whose call a crash would forget: canceled first, so that the lead goes back to the list.
      this.#tell(host, callId, { type: 'call.cancel' });
      const reason = 'the journal cannot be written';
      return this.#tell(host, callId, { type: 'twilio.createFailed', code: null, reason });
    }
    const outcome = await this.#ports.telephony.placeCall({ callId, to: lead.phone });
    if (outcome.kind === 'placed') {
      this.#ports.report('call.placed', {
        sessionId: host.sessionId,
        callId,
        callSid: outcome.sid,
      });
      return this.#tell(host, callId, { type: 'twilio.created', sid: outcome.sid });
    }
    if (outcome.kind === 'unknown') return this.#tell(host, callId, { type: 'twilio.createLost' });
    const waitMs = RETRY_CREATE_AFTER_MS[attempt];
    if (
      outcome.retryable &&
      waitMs !== undefined &&
      (await this.#stillWanted(host, callId, waitMs))
    ) {
      this.#reportRetry(host, 'placeCall');
      return this.#createCall(host, order, attempt + 1);
    }
    const { code, reason } = outcome;
    this.#ports.report('call.refused', { sessionId: host.sessionId, callId, code, reason });
    return this.#tell(host, callId, { type: 'twilio.createFailed', code, reason });
  }

  async #stillWanted(host: SessionHost, callId: CallId, waitMs: number): Promise<boolean> {
    await this.#wait(waitMs);
    return !this.#stopped && host.call(callId)?.matches({ dialing: 'requesting' }) === true;
  }

  async #endCall(host: SessionHost, { callId, sid, how }: OrderOf<'endCall'>): Promise<void> {
    if (sid === null) throw new Error(`asked to end call ${callId} without its SID`);
    this.#tellFact(host, callId, sid, await this.#ports.telephony.endCall(sid, how), 'end');
  }

  async #inspectCall(host: SessionHost, { callId, sid }: OrderOf<'inspectCall'>): Promise<void> {
    if (sid === null) throw new Error(`asked to inspect call ${callId} without its SID`);
    this.#tellFact(host, callId, sid, await this.#ports.telephony.inspectCall(sid), 'inspect');
  }

  /** Not earlier, or a former call to the same lead would be taken for this one. A canceled call may be older. */
  #requestedAt(host: SessionHost, callId: CallId): number {
    const { createWithinMs, lookUpWithinMs } = this.#settings;
    const isCanceled = host.call(callId)?.matches('ending') === true;
    return host.since(callId) - (isCanceled ? createWithinMs + lookUpWithinMs : 0);
  }

  async #lookUp(host: SessionHost, { callId, leadId }: OrderOf<'lookUpCall'>): Promise<void> {
    const lead = host.leads.get(leadId);
    const since = this.#requestedAt(host, callId) - CLOCK_SKEW_MS;
    const until = this.#ports.clock.now() + this.#settings.lookUpWithinMs;
    while (lead && !this.#stopped && host.call(callId) && host.call(callId)?.context.sid === null) {
      const fact = await this.#ports.telephony.findCall({ callId, to: lead.phone, since });
      if (fact.kind === 'found') return this.#tellFact(host, callId, fact.sid, fact, 'find');
      if (this.#ports.clock.now() + LOOK_UP_EVERY_MS > until) {
        return this.#tell(host, callId, { type: 'twilio.notFound' });
      }
      await this.#wait(LOOK_UP_EVERY_MS);
      this.#reportRetry(host, 'lookUpCall');
    }
  }

  async #reserve(host: SessionHost, count: number): Promise<void> {
    const leads = await this.#stored(host, 'reserveLeads', () =>
      this.#ports.leads.reserve(host.sessionId, count),
    );
    for (const lead of leads) host.leads.set(lead.leadId, lead);
    this.#deliver(host, {
      type: 'leads.reserved',
      asked: count,
      calls: leads.map(({ leadId }) => ({ callId: this.#ports.random.id() as CallId, leadId })),
    });
  }

  #stored<Result>(
    host: SessionHost,
    effect: EffectOrder['kind'],
    act: () => Promise<Result>,
  ): Promise<Result> {
    return this.#durability.insist(act, () => {
      this.#reportRetry(host, effect);
      return !this.#stopped;
    });
  }

  #announceAnswered(host: SessionHost, { callId, leadId }: OrderOf<'callAnswered'>): void {
    this.#ports.report('call.answered', { sessionId: host.sessionId, callId });
    this.#ports.notices.publish(host.sessionId, { type: 'answered', callId, leadId, at: host.now });
  }

  #announceEnded(host: SessionHost, order: OrderOf<'callEnded'>): Promise<void> {
    const { callId, leadId, outcome } = order;
    const at = host.now;
    this.#ports.report('call.ended', { sessionId: host.sessionId, callId, outcome });
    this.#ports.notices.publish(host.sessionId, { type: 'ended', callId, leadId, outcome, at });
    const { talkMs = null, waitedMs = null } = host.ended(callId) ?? {};
    const { agentId } = host.opening;
    const record = { leadId, callId, outcome, at, agentId, talkMs, waitedMs };
    return this.#stored(host, order.kind, () => this.#ports.leads.recordOutcome(record));
  }

  async #ensureQueue(host: SessionHost): Promise<void> {
    for (let attempt = 0; !this.#stopped && !host.isClosed; attempt++) {
      if (await this.#ports.telephony.ensureQueue(host.sessionId)) return;
      await this.#wait(ENSURE_QUEUE_AFTER_MS[attempt] ?? 30_000);
      this.#reportRetry(host, 'ensureQueue');
    }
  }

  async #endConsumer(host: SessionHost, { sid }: OrderOf<'endConsumer'>): Promise<void> {
    if (sid === null) return;
    await this.#ports.telephony.dismissConsumer(sid);
    this.#deliver(host, { type: 'consumer.disconnected', result: null }, 'dismiss');
  }

  async #inspectConsumer(host: SessionHost, { sid }: OrderOf<'inspectConsumer'>): Promise<void> {
    const fact = await this.#ports.telephony.inspectCall(sid);
    const isGone =
      fact.kind === 'absent' ||
      (fact.kind === 'found' && fact.sid === sid && isTerminal(fact.status));
    if (isGone && host.snapshot.context.consumerSid === sid) {
      this.#deliver(host, { type: 'consumer.disconnected', result: null }, 'inspect');
    }
  }

  #note(host: SessionHost, key: string, state: 'started' | 'done'): void {
    const { sessionId } = host;
    this.#ports.journal.append({
      kind: 'effect',
      sessionId,
      at: this.#ports.clock.now(),
      key,
      state,
    });
  }

  #reportRetry({ sessionId }: SessionHost, effect: EffectOrder['kind']): void {
    this.#ports.report('effect.retried', { sessionId, effect });
  }

  #reportFailure(host: SessionHost, effect: string, error: unknown): void {
    this.#ports.report('effect.failed', {
      sessionId: host.sessionId,
      effect,
      reason: error instanceof Error ? error.message : String(error),
    });
  }

  #tellFact(
    host: SessionHost,
    callId: CallId,
    sid: CallSid,
    fact: CallFact,
    rest: RestQuestion,
  ): void {
    if (fact.kind === 'unknown') return;
    const own = host.call(callId)?.context.sid ?? sid;
    if (own !== sid) return; // A stranger under this call's id: its end is not ours.
    if (fact.kind === 'absent') {
      return this.#tell(
        host,
        callId,
        { type: 'leg.completed', sid, status: 'failed', durationSeconds: null },
        rest,
      );
    }
    const { status, durationSeconds } = fact;
    this.#tell(
      host,
      callId,
      isTerminal(status)
        ? { type: 'leg.completed', sid, status, durationSeconds }
        : { type: 'leg.status', sid, status },
      rest,
    );
  }

  #tell(host: SessionHost, callId: CallId, event: CallEvent, rest?: RestQuestion): void {
    this.#deliver(host, { type: 'call.deliver', callId, event }, rest);
  }

  #wait(delayMs: number): Promise<void> {
    const { clock } = this.#ports;
    return new Promise((resolve) => void clock.wakeAt(clock.now() + delayMs, resolve));
  }
}
