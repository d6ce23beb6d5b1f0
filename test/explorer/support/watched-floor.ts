import { Dialer } from '../../../src/dialer/dialer.ts';
import type { CallFact, Clock, PlaceOutcome, Telephony } from '../../../src/dialer/ports.ts';
import { isTerminal, parseCallStatus } from '../../../src/domain/call-status.ts';
import type { AgentCommand } from '../../../src/domain/events.ts';
import type { AgentId, CallId, CallSid, LeadId, SessionId } from '../../../src/domain/ids.ts';
import { MemoryJournal } from '../../../src/journal/memory-journal.ts';
import { MemoryLeads } from '../../../src/leads/memory-leads.ts';
import { readOwnPath } from '../../../src/replay/own-paths.ts';
import type { FaultRule } from '../../../src/simulator/faults.ts';
import { Network } from '../../../src/simulator/network.ts';
import { SIMULATED_ACCOUNT, TIMINGS } from '../../../src/simulator/options.ts';
import type { PersonScript } from '../../../src/simulator/person.ts';
import { inProcessTransport, type InProcessReply } from '../../../src/simulator/transport.ts';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import { paths, queueName } from '../../../src/twilio/paths.ts';
import { writeTwiml, type TwimlSettings } from '../../../src/twilio/twiml.ts';
import { readWebhook } from '../../../src/twilio/webhook-forms.ts';
import { CountingRandom } from '../../support/counting-random.ts';
import { number, SETTINGS } from '../../support/floor.ts';
import type { Observed, Truth } from './model-watcher.ts';

const { accountSid, authToken } = SIMULATED_ACCOUNT;
const OURS = '+13155550100';
const AGENT = '+13155550133';
const TWIML: TwimlSettings = {
  publicBaseUrl: 'https://dialer.example.test',
  company: { name: 'Faithful & Sons', phone: OURS },
  talkLimitSeconds: 3600,
};
const RING_SECONDS = 25;

export type Deed =
  | 'leave'
  | 'leaveAtAnswer'
  | 'dialIn'
  | 'callLeads'
  | 'pause'
  | 'hangUp'
  | 'dispose'
  | 'signOut';

export interface Scenario {
  seed: number;
  lines: number;
  /** Longest time that a request of the network's is on its way. */
  webhookMs: number;
  people: PersonScript[];
  deeds: { afterMs: number; deed: Deed }[];
  faults: Record<string, FaultRule>;
}

/** One agent on the simulated network, on its virtual clock: the real dialer, forms and documents; every word is seen. */
export class WatchedFloor {
  readonly #clock = new VirtualClock();
  readonly #network: Network;
  readonly #dialer: Dialer;
  readonly #onSee: (observed: Observed) => void;
  readonly #tokens = new Set<string>();
  readonly #callOfSid = new Map<CallSid, CallId>();
  #phoneAt: string | null = null;
  #leavesAtAnswer = false;
  #sessionId = '' as SessionId;

  constructor(scenario: Scenario, onSee: (observed: Observed) => void) {
    this.#onSee = onSee;
    const scripts = scenario.people.map((script, index) => [number(index).e164, script] as const);
    this.#network = new Network({
      numbers: [
        {
          phoneNumber: OURS,
          voiceUrl: url(paths.consume()),
          voiceFallbackUrl: url(paths.fallback('agent')),
        },
      ],
      clock: this.#clock,
      seed: scenario.seed,
      callsPerSecond: 100,
      timings: { ...TIMINGS.lifelike, webhookMs: [20, scenario.webhookMs] },
      people: { scripts: Object.fromEntries(scripts) },
      faults: scenario.faults,
      transport: inProcessTransport(({ url, fields, headers }) =>
        this.#answer(new URL(url).pathname, Object.fromEntries(fields), headers),
      ),
    });
    this.#network.exchange.moments.listen(({ leg, moment }) => {
      if (leg.from === AGENT) this.#phoneAt = moment;
      else if (moment === 'answered' && this.#leavesAtAnswer) this.#leave();
    });
    const leads = scenario.people.map((_, index) => ({
      leadId: `lead-${index}` as LeadId,
      name: `Lead ${index}`,
      phone: number(index),
      columns: {},
    }));
    this.#dialer = new Dialer(
      {
        clock: dialerClock(this.#clock),
        random: new CountingRandom(),
        journal: new MemoryJournal(),
        telephony: this.#telephony(),
        leads: new MemoryLeads(leads),
        notices: { publish: () => {} },
        report: () => {},
      },
      { ...SETTINGS, lines: scenario.lines },
    );
  }

  async play({ deeds }: Scenario): Promise<void> {
    this.#sessionId = await this.#dialer.signIn('grace' as AgentId, 'Grace');
    await this.#dialIn();
    for (const { afterMs, deed } of deeds) {
      await this.#clock.advance(afterMs);
      await this.#do(deed);
    }
    await this.#clock.advance(120_000);
    if (this.#phoneAt !== 'ended') await this.#leaveWhenSheMay();
    await this.#clock.advance(200_000);
    await this.#dialer.close();
  }

  /** What the ledger says of her legs and of every call that was placed. */
  get truth(): Truth {
    const { ledger } = this.#network;
    const bridged = new Set(ledger.bridges.flatMap((each) => [each.callSid, each.otherCallSid]));
    const calls = ledger.calls.flatMap(({ callSid, status, answeredAt }) => {
      const callId = this.#callOfSid.get(callSid as CallSid);
      if (callId === undefined) return [];
      const wasBridged = bridged.has(callSid);
      return { callId, status, wasAnswered: answeredAt !== null, wasBridged };
    });
    const hers = ledger.calls.filter(({ direction }) => direction === 'inbound');
    return { calls, phonesEnded: hers.filter(({ endedAt }) => endedAt !== null).length };
  }

  async #do(deed: Deed): Promise<void> {
    switch (deed) {
      case 'leave':
        return this.#leave();
      case 'leaveAtAnswer':
        this.#leavesAtAnswer = true;
        return;
      case 'dialIn':
        if (this.#phoneAt === 'ended') await this.#dialIn();
        return;
      case 'callLeads':
      case 'pause':
      case 'hangUp':
      case 'signOut':
        return this.#command({ type: `agent.${deed}` });
      case 'dispose': {
        const callId = this.#dialer.view(this.#sessionId)?.wrapUp?.callId;
        if (!callId) return;
        return this.#command({ type: 'agent.dispose', callId, disposition: 'callBack', notes: '' });
      }
    }
  }

  /** Where Twilio says that it asks the Dial action: docs/testing.md, "What the explorer does not see". */
  get #isInQueue(): boolean {
    return ['waiting', 'whisper', 'bridged'].includes(this.#phoneAt ?? '');
  }

  #leave(): void {
    this.#leavesAtAnswer = false;
    if (this.#isInQueue) this.#network.handset(AGENT).hangUp();
  }

  async #leaveWhenSheMay(): Promise<void> {
    await this.#clock.advanceUntil(() => this.#isInQueue || this.#phoneAt === 'ended');
    this.#leave();
  }

  async #command(command: AgentCommand): Promise<void> {
    await this.#dialer.command(this.#sessionId, command);
  }

  async #dialIn(): Promise<void> {
    const code = this.#dialer.view(this.#sessionId)?.dialIn.accessCode;
    if (!code) return;
    this.#network.handset(AGENT).dial(OURS);
    await this.#clock.advanceUntil(() => this.#phoneAt === 'prompted');
    this.#network.handset(AGENT).press(code);
    await this.#clock.advanceUntil(() => this.#isInQueue);
  }

  async #answer(
    path: string,
    form: Record<string, string>,
    headers: Readonly<Record<string, string>>,
  ): Promise<InProcessReply> {
    const route = readOwnPath(path);
    const request = route && readWebhook(route.kind, route.params, form, accountSid);
    if (!request) throw new Error(`the network asked ${path} with a form that we cannot read`);
    if ('callId' in request) this.#callOfSid.set(request.sid, request.callId);
    const plan = await this.#dialer.webhook(request);
    const token = headers['I-Twilio-Idempotency-Token'] ?? '';
    this.#onSee({ saw: 'request', request, plan, isAgain: this.#tokens.has(token) });
    this.#tokens.add(token);
    const body = writeTwiml(plan, TWIML);
    return body === null
      ? { status: 204 }
      : { status: 200, headers: { 'content-type': 'text/xml' }, body };
  }

  #telephony(): Telephony {
    return {
      placeCall: (call) => this.#placeCall(call.callId, call.to.e164),
      endCall: (sid, how) => this.#end(sid, how),
      inspectCall: (sid) => this.#fact('GET', `Calls/${sid}`),
      findCall: async ({ callId }) => {
        const sid = [...this.#callOfSid].find(([, id]) => id === callId)?.[0];
        return sid ? this.#fact('GET', `Calls/${sid}`) : { kind: 'absent' };
      },
      dismissConsumer: async (sid) => {
        const Twiml = writeTwiml({ plan: 'goodbye' }, TWIML) ?? '';
        this.#onSee({ saw: 'dismissal' });
        return this.#fact('POST', `Calls/${sid}`, { Twiml });
      },
      ensureQueue: async (sessionId) => {
        await this.#rest('POST', 'Queues', { FriendlyName: queueName(sessionId) });
        return true;
      },
      deleteQueue: async () => true,
      liveCalls: async () => [],
    };
  }

  async #placeCall(callId: CallId, to: string): Promise<PlaceOutcome> {
    const before = this.#network.ledger.calls.length;
    const answered = this.#rest('POST', 'Calls', {
      To: to,
      From: OURS,
      Url: url(paths.enqueue(callId, 1)),
      FallbackUrl: url(paths.fallback('lead')),
      StatusCallback: url(paths.callStatus(callId)),
      StatusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
      Timeout: String(RING_SECONDS),
      TimeLimit: '3600',
    });
    const placed = this.#network.ledger.calls[before];
    const sid = placed?.callSid as CallSid | undefined;
    if (sid) this.#callOfSid.set(sid, callId);
    this.#onSee(sid ? { saw: 'create', callId, sid } : { saw: 'refusal', callId });
    const reply = await answered;
    if (reply === null) return { kind: 'unknown', reason: 'lost' };
    if (reply.status === 201) return { kind: 'placed', sid: reply.body['sid'] as CallSid };
    return { kind: 'refused', code: Number(reply.body['code']), reason: 'no', retryable: false };
  }

  async #end(sid: CallSid, how: 'cancel' | 'complete'): Promise<CallFact> {
    const isOver = this.#network.ledger.calls.some(
      (call) => call.callSid === sid && isTerminal(parseCallStatus(call.status) ?? 'queued'),
    );
    if (!isOver) this.#onSee({ saw: 'end', sid, how });
    const Status = how === 'cancel' ? 'canceled' : 'completed';
    const fact = await this.#fact('POST', `Calls/${sid}`, { Status });
    return fact.kind === 'unknown' ? this.#fact('GET', `Calls/${sid}`) : fact;
  }

  async #fact(
    method: string,
    resource: string,
    form: Record<string, string> = {},
  ): Promise<CallFact> {
    const reply = await this.#rest(method, resource, form);
    const status = parseCallStatus(reply?.body['status']);
    if (!reply || reply.status >= 400 || !status) return { kind: 'unknown', reason: 'refused' };
    return { kind: 'found', sid: reply.body['sid'] as CallSid, status, durationSeconds: null };
  }

  async #rest(
    method: string,
    resource: string,
    form: Record<string, string | string[]> = {},
  ): Promise<{ status: number; body: Record<string, unknown> } | null> {
    const body = new URLSearchParams();
    for (const [name, value] of Object.entries(form))
      for (const one of [value].flat()) body.append(name, one);
    const outcome = await this.#network.request({
      method,
      target: `/2010-04-01/Accounts/${accountSid}/${resource}.json`,
      authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`,
      body: body.toString(),
    });
    if (outcome.kind !== 'response') return null;
    const { status, body: json } = outcome.response;
    return { status, body: json as Record<string, unknown> };
  }
}

const url = (path: string): string => TWIML.publicBaseUrl + path;

const dialerClock = (clock: VirtualClock): Clock => ({
  now: () => clock.now(),
  notBefore: () => {},
  wakeAt: (at, fire) => {
    const timer = clock.setTimeout(fire, Math.max(0, at - clock.now()));
    return () => clock.clearTimeout(timer);
  },
});
