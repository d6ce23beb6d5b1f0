import { systemClock, type Clock } from './clock.ts';
import { Exchange, type AccountNumber, type LogLine } from './exchange.ts';
import type { Faults, FaultRule } from './faults.ts';
import type { Handset } from './handset.ts';
import { inboundCall } from './inbound.ts';
import { interpreter } from './interpreter.ts';
import type { Ledger } from './ledger.ts';
import {
  ASSUMPTIONS,
  SIMULATED_ACCOUNT,
  TIMINGS,
  type Application,
  type Assumptions,
  type OwnedNumber,
  type Timings,
} from './options.ts';
import { People, type PeopleMix } from './people.ts';
import type { PersonScript } from './person.ts';
import { watchForHangUps } from './hang-up-faults.ts';
import { Random } from './random.ts';
import { RestError } from './rest/rest-error.ts';
import type { RestRequest, RestResponse } from './rest/resource.ts';
import { handleRest, type RestOptions } from './rest/router.ts';
import type { Transport } from './transport.ts';

export interface NetworkSettings {
  accountSid?: string;
  authToken?: string;
  apiKeys?: { sid: string; secret: string }[];
  testAccount?: { accountSid: string; authToken: string };
  /** Numbers the account owns. */
  numbers: OwnedNumber[];
  applications?: Application[];
  seed?: number;
  /** Default true: unknown REST parameters are answered with 20001 instead of being ignored. */
  strict?: boolean;
  /** Default 1, as a new account has. */
  callsPerSecond?: number;
  people?: { mix?: Partial<PeopleMix>; scripts?: Record<string, PersonScript | PersonScript[]> };
  faults?: Record<string, FaultRule>;
  clock?: Clock;
  timings?: Partial<Timings>;
  assumptions?: Partial<Assumptions>;
  /** `ApiVersion` in webhooks; default 2010-04-01. */
  apiVersion?: string;
  /** Whether `<Play>` fetches its file. Default: not on a virtual clock. */
  fetchAudio?: boolean;
  /**
   * Whether a virtual clock stands still while the application answers. Default true; false for an application that
   * waits on the same clock before it answers.
   */
  holdClock?: boolean;
  /** Fields not to send, to be the Twilio of an earlier year: each was introduced at some time. */
  withheldFields?: readonly string[];
  /** `StirStatus` of outbound calls' ringing and answered events, where the account signs its calls. */
  stirStatus?: 'A' | 'B' | 'C';
  /** Webhooks kept for `GET /control/requests`, of which the older half goes when there are more. Default 20,000. */
  requestsKept?: number;
  log?: (line: LogLine) => void;
}

const REQUESTS_KEPT = 20_000;

/** How a REST request came back: with a response, or with the connection broken. */
export type RestOutcome =
  | { kind: 'response'; response: RestResponse }
  | { kind: 'reset' }
  | { kind: 'hang' };

/**
 * A telephone network with one account on it: Twilio's REST API on one side, people with telephones on the other, and
 * the account's application in between, asked by signed webhooks. Everything it does hangs on its clock, its transport
 * and its seed.
 */
export class Network {
  readonly exchange: Exchange;
  readonly people: People;
  readonly ledger: Ledger;
  readonly faults: Faults;
  readonly #restOptions: RestOptions;

  constructor(settings: NetworkSettings & { transport: Transport }) {
    const clock = settings.clock ?? systemClock;
    const random = new Random(settings.seed ?? 1);
    this.exchange = new Exchange({
      accountSid: settings.accountSid ?? SIMULATED_ACCOUNT.accountSid,
      authToken: settings.authToken ?? SIMULATED_ACCOUNT.authToken,
      apiKeys: settings.apiKeys ?? [],
      clock,
      random,
      transport: settings.transport,
      interpreter,
      timings: { ...TIMINGS.lifelike, ...settings.timings },
      assumptions: { ...ASSUMPTIONS, ...settings.assumptions },
      callsPerSecond: settings.callsPerSecond ?? 1,
      apiVersion: settings.apiVersion ?? '2010-04-01',
      fetchesAudio: settings.fetchAudio ?? clock === systemClock,
      withheldFields: new Set(settings.withheldFields),
      stirStatus: settings.stirStatus ?? null,
      holdsClock: settings.holdClock ?? true,
      requestsKept: settings.requestsKept ?? REQUESTS_KEPT,
      log: settings.log ?? (() => undefined),
    });
    this.people = new People(clock, random, settings.people?.mix ?? {}, (handset, to, options) =>
      inboundCall(this.exchange, handset, to, options),
    );
    this.exchange.people = this.people;
    this.ledger = this.exchange.ledger;
    this.faults = this.exchange.faults;
    this.#restOptions = {
      isStrict: settings.strict ?? true,
      testAccount: settings.testAccount ?? null,
    };
    for (const number of settings.numbers) this.addNumber(number);
    for (const application of settings.applications ?? [])
      this.exchange.applications.set(application.sid, application);
    for (const [number, script] of Object.entries(settings.people?.scripts ?? {}))
      this.people.script(number, script);
    if (settings.faults) this.faults.replace(settings.faults);
    watchForHangUps(this.exchange);
  }

  addNumber(number: OwnedNumber): AccountNumber {
    const now = this.exchange.clock.now();
    const owned = { ...number, sid: this.exchange.sid('PN'), createdAt: now, updatedAt: now };
    this.exchange.numbers.set(number.phoneNumber, owned);
    return owned;
  }

  /** The telephone at a number, or `client:name`, to be played by hand. */
  handset(number: string): Handset {
    return this.people.handset(number);
  }

  /** Ends every call without a word: the network is switched off. */
  hangUpAll(): void {
    for (const leg of this.exchange.legs.values()) {
      leg.progress.subscription = null;
      leg.life.interrupt({ kind: 'stopped' });
    }
  }

  /** A REST request, answered at once: no latency, no faults. */
  handle(request: RestRequest): RestResponse {
    return handleRest(this.exchange, this.#restOptions, request);
  }

  /** A REST request as it fares on the way: takes its time, and may meet a fault. */
  async request(request: RestRequest): Promise<RestOutcome> {
    const { random, timings } = this.exchange;
    const isCreate = request.method === 'POST' && /\/Calls(\.json)?$/.test(request.target);
    const before = this.#faultBefore(isCreate, request);
    const outcome: RestOutcome = before ?? { kind: 'response', response: this.handle(request) };
    const lateMs = isCreate ? this.faults.delayMs('create.delay', occasionOf(request), 5000) : 0;
    const delayMs = random.within(timings.restMs) + lateMs;
    if (delayMs > 0)
      await new Promise<void>((resolve) => void this.exchange.clock.setTimeout(resolve, delayMs));
    if (
      before !== null ||
      !isCreate ||
      outcome.kind !== 'response' ||
      outcome.response.status >= 400
    )
      return outcome;
    if (this.faults.strikes('create.replyLost', occasionOf(request))) return { kind: 'reset' };
    if (this.faults.strikes('create.5xxAfterPlace', occasionOf(request))) return refusal(20_500);
    return outcome;
  }

  #faultBefore(isCreate: boolean, request: RestRequest): RestOutcome | null {
    const { faults } = this;
    const occasion = occasionOf(request);
    if (faults.strikes('twilio.outage')) return refusal(20_503);
    if (faults.strikes('rest.hang', occasion)) return { kind: 'hang' };
    if (faults.strikes('rest.429', occasion)) return refusal(20_429);
    if (!isCreate) return null;
    if (faults.strikes('create.requestLost', occasion)) return { kind: 'reset' };
    if (faults.strikes('create.429', occasion)) return refusal(20_429);
    if (faults.strikes('create.5xxBefore', occasion)) return refusal(20_503);
    const refused = faults.strikes('create.error', occasion);
    return refused ? refusal(Number(refused.value ?? 21_211)) : null;
  }
}

function refusal(code: number): RestOutcome {
  const error = new RestError(code);
  return { kind: 'response', response: { status: error.status, body: error.toJSON() } };
}

function occasionOf(request: RestRequest): { numbers: readonly string[]; url: string } {
  const form = new URLSearchParams(request.body);
  return { numbers: [form.get('To') ?? '', form.get('From') ?? ''], url: request.target };
}
