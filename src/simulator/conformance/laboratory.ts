import type { RequestRecord } from '../webhooks.ts';
import type { Leg } from '../leg.ts';
import { Network, type NetworkSettings } from '../network.ts';
import type { PersonScript } from '../person.ts';
import {
  inProcessTransport,
  TransportError,
  type InProcessReply,
  type TransportFailure,
  type TransportRequest,
} from '../transport.ts';
import { VirtualClock } from '../virtual-clock.ts';
import type { Situation } from './situation.ts';

/** Thrown when the payload describes something this network cannot bring about. */
export class CannotStage extends Error {
  override readonly name = 'CannotStage';
}

const APP = 'http://application.test';
const INSTANT = [0, 0] as const;
const AUTH_TOKEN = 'conformance-auth-token';

/** The number agents dial, apart from whatever numbers the payload names. */
export const AGENT_LINE = '+13155550111';
export const AGENT = '+13155550112';
/** Somebody else to call. */
export const OTHER = '+13155550113';

const CONNECTION_FAILURES: Readonly<Record<string, TransportFailure>> = {
  '11201': 'connectTimeout',
  '11202': 'refused',
  '11205': 'reset',
  '11206': 'protocol',
  '11210': 'dns',
  '11220': 'tls',
};

/** A network on the virtual clock in which nothing takes time of itself: what is staged decides every second. */
export class Laboratory {
  readonly situation: Situation;
  readonly clock = new VirtualClock();
  readonly network: Network;
  readonly requests: RequestRecord[] = [];
  /** Exceptions inside the network: always a finding. */
  readonly defects: string[] = [];
  /** Which request to the observed URL is the one recorded. */
  pick: (requests: readonly RequestRecord[]) => RequestRecord | undefined = (requests) =>
    requests[0];
  /** Where calls of this laboratory fall back to. */
  fallbackPath = '/fallback';
  readonly #failures = new Map<string, TransportFailure>();
  readonly #documents = new Map<string, string | InProcessReply>();

  constructor(situation: Situation, settings: Partial<NetworkSettings> = {}) {
    this.situation = situation;
    this.network = new Network({
      ...(situation.accountSid !== null && { accountSid: situation.accountSid }),
      authToken: AUTH_TOKEN,
      apiVersion: situation.apiVersion,
      numbers: [{ phoneNumber: AGENT_LINE, voiceUrl: `${APP}/agent` }],
      clock: this.clock,
      strict: true,
      callsPerSecond: Infinity,
      withheldFields: situation.withheld,
      assumptions: situation.assumptions,
      ...(situation.stirStatus !== null && { stirStatus: situation.stirStatus }),
      log: (line) => {
        if (line.msg.startsWith('defect')) this.defects.push(String(line['error']));
      },
      timings: {
        restMs: INSTANT,
        webhookMs: INSTANT,
        setUpMs: INSTANT,
        ringDelayMs: INSTANT,
        matchMs: INSTANT,
        hangUpMs: INSTANT,
        applicationErrorMs: INSTANT,
        machineDetectionMs: INSTANT,
      },
      ...settings,
      transport: inProcessTransport((request) => this.#answer(request)),
    });
    for (const [number, place] of situation.places) this.network.exchange.places.set(number, place);
    this.network.exchange.requested.listen((record) => this.requests.push(record));
  }

  url(path: string): string {
    return `${APP}${path}`;
  }

  /** The URL under observation. Where Twilio used GET, parameters of the application's own were in its query. */
  get target(): string {
    const query = new URLSearchParams(this.situation.query).toString();
    return `${APP}/target${query === '' ? '' : `?${query}`}`;
  }

  serve(path: string, answer: string | InProcessReply): void {
    this.#documents.set(path, answer);
  }

  /** Requests of this path fail on the way, as Twilio's code says. */
  failWith(path: string, code: string): void {
    this.#failures.set(path, CONNECTION_FAILURES[code] ?? 'reset');
  }

  async seconds(seconds: number): Promise<void> {
    await this.clock.advance(seconds * 1000);
  }

  get observed(): RequestRecord | undefined {
    const { query } = this.situation;
    const found = this.pick(this.requests.filter(({ url }) => new URL(url).pathname === '/target'));
    return found && { ...found, params: { ...query, ...found.params } };
  }

  rest(
    method: string,
    path: string,
    form: Record<string, string | readonly string[]> = {},
  ): Record<string, unknown> {
    const body = new URLSearchParams();
    for (const [name, value] of Object.entries(form))
      for (const one of [value].flat()) body.append(name, one);
    const { accountSid } = this.network.exchange;
    const response = this.network.handle({
      method,
      target: `/2010-04-01/Accounts/${accountSid}/${path}.json`,
      authorization: `Basic ${Buffer.from(`${accountSid}:${AUTH_TOKEN}`).toString('base64')}`,
      body: body.toString(),
    });
    const answer = response.body as Record<string, unknown>;
    if (response.status >= 400)
      throw new CannotStage(`REST ${method} ${path}: ${String(answer['message'])}`);
    return answer;
  }

  /** The person or machine at the far end; waits for ever unless told otherwise. */
  person(number: string, script: PersonScript = {}): void {
    this.network.people.script(number, {
      answers: 'person',
      answerAfterMs: 0,
      talkMs: Infinity,
      patienceMs: Infinity,
      ...script,
    });
  }

  /** Makes the recorded number one of the account's, with `/start` as its document unless told otherwise. */
  own(voiceUrl = '/start', more: { statusCallback?: string } = {}): void {
    const { to, applicationSid, callerName, method } = this.situation;
    this.network.addNumber({
      phoneNumber: to,
      voiceUrl: this.url(voiceUrl),
      voiceMethod: method,
      voiceFallbackUrl: this.url(this.fallbackPath),
      voiceFallbackMethod: method,
      callerNameLookup: callerName !== null,
      ...(applicationSid !== null && { applicationSid }),
      ...(more.statusCallback !== undefined && {
        statusCallback: this.url(more.statusCallback),
        statusCallbackMethod: method,
      }),
    });
  }

  /** Makes the TwiML App that the recorded call belongs to. */
  application(voiceUrl = '/start', statusCallback?: string): void {
    const { applicationSid, method } = this.situation;
    const sid = applicationSid ?? `AP${'0'.repeat(32)}`;
    this.network.exchange.applications.set(sid, {
      sid,
      voiceUrl: this.url(voiceUrl),
      voiceMethod: method,
      voiceFallbackUrl: this.url(this.fallbackPath),
      ...(statusCallback !== undefined && {
        statusCallback: this.url(statusCallback),
        statusCallbackMethod: method,
      }),
    });
  }

  get isClientCall(): boolean {
    return this.situation.from.startsWith('client:');
  }

  /** Dials in as the recorded caller, a telephone or a client. */
  dialIn(isFirstRequest = false): Leg {
    const { from, to, carried, custom, callerName } = this.situation;
    return this.network.handset(from).dial(to, {
      extraFields: isFirstRequest ? carried : { ...carried, ...custom },
      params: isFirstRequest ? custom : {},
      callerName: callerName ?? '',
    });
  }

  /** Calls the recorded party by REST. */
  callOut(form: Record<string, string | readonly string[]>): Leg {
    const { from, to, applicationSid, method } = this.situation;
    if (from.startsWith('+')) this.network.addNumber({ phoneNumber: from });
    const answer = this.rest('POST', 'Calls', {
      To: to,
      From: from,
      Method: method,
      ...(applicationSid !== null && { ApplicationSid: applicationSid }),
      ...form,
    });
    return this.network.exchange.legs.get(answer['sid'] as string)!;
  }

  /** Brings a leg like the recorded one to run these verbs, answered. */
  async connect(verbs: string): Promise<Leg> {
    const { direction, to } = this.situation;
    this.serve('/start', verbs);
    if (direction === 'inbound') {
      if (this.isClientCall) this.application();
      else this.own();
      const leg = this.dialIn();
      await this.seconds(0);
      return leg;
    }
    this.person(to);
    if (direction === 'outbound-api') {
      if (this.situation.applicationSid !== null) this.application();
      const leg = this.callOut({
        Url: this.url('/start'),
        FallbackUrl: this.url(this.fallbackPath),
        FallbackMethod: this.situation.method,
      });
      await this.seconds(0);
      return leg;
    }
    const child = await this.callChild();
    this.rest('POST', `Calls/${child.sid}`, {
      Url: this.url('/start'),
      FallbackUrl: this.url(this.fallbackPath),
      FallbackMethod: this.situation.method,
    });
    await this.seconds(0);
    return child;
  }

  /** Dials the recorded party as the child of another call; through the number it was forwarded from, if it was. */
  async callChild(attributes = '', dialAttributes = ''): Promise<Leg> {
    const { from, to, carried } = this.situation;
    const noun = to.startsWith('client:') ? 'Client' : to.startsWith('sip:') ? 'Sip' : 'Number';
    const target = to.replace(/^client:/, '');
    this.serve(
      '/parent',
      `<Dial callerId="${from}" ${dialAttributes}><${noun} ${attributes}>${target}</${noun}></Dial><Pause length="600"/>`,
    );
    const via = carried['ForwardedFrom'];
    if (via !== undefined) {
      this.network.addNumber({ phoneNumber: via, voiceUrl: this.url('/parent') });
      this.network.handset(from).dial(via);
    } else {
      this.network.addNumber({ phoneNumber: AGENT_LINE, voiceUrl: this.url('/agent') });
      this.person(AGENT);
      this.rest('POST', 'Calls', { To: AGENT, From: AGENT_LINE, Url: this.url('/parent') });
    }
    await this.seconds(0);
    const child = [...this.network.exchange.legs.values()].find((leg) => leg.parent !== null);
    if (!child) throw new CannotStage(`${to} could not be dialed`);
    return child;
  }

  /** An agent dials in and runs these verbs. */
  async agent(verbs: string): Promise<Leg> {
    this.serve('/agent', verbs);
    const leg = this.network.handset(AGENT).dial(AGENT_LINE);
    await this.seconds(0);
    return leg;
  }

  /** Records the whole of an inbound call, as an application can ask for by REST. */
  recordWhole(leg: Leg): void {
    this.network.exchange.recordings.recordCall(leg, {
      source: 'OutboundAPI',
      channels: 1,
      track: 'both',
      callbackUrl: null,
      callbackMethod: 'POST',
      callbackEvents: new Set(),
    });
  }

  #answer(request: TransportRequest): InProcessReply {
    const { pathname } = new URL(request.url);
    const failure = this.#failures.get(pathname);
    if (failure) throw new TransportError(failure, failure);
    const answer = this.#documents.get(pathname) ?? '';
    if (typeof answer !== 'string') return answer;
    return {
      status: 200,
      headers: { 'content-type': 'text/xml' },
      body: `<Response>${answer}</Response>`,
    };
  }
}
