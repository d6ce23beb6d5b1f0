import { Audio } from './audio.ts';
import type { Clock } from './clock.ts';
import { Conferences } from './conference.ts';
import { DebuggerLog, type DebuggerEntry } from './debugger-log.ts';
import { Faults } from './faults.ts';
import type { Leg, Moment } from './leg.ts';
import { Ledger } from './ledger.ts';
import type { Application, Assumptions, OwnedNumber, Timings } from './options.ts';
import type { People } from './people.ts';
import { normalizeNumber } from './phone-number.ts';
import { CallPacer } from './placing.ts';
import { Places } from './places.ts';
import { Queues } from './queue.ts';
import type { Random } from './random.ts';
import { Recordings } from './recordings.ts';
import type { Interpreter } from './running.ts';
import { Signal } from './scope.ts';
import type { Transport } from './transport.ts';
import { Webhooks, type RequestRecord } from './webhooks.ts';

export interface ExchangeParts {
  readonly accountSid: string;
  readonly authToken: string;
  readonly apiKeys: readonly { sid: string; secret: string }[];
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Transport;
  readonly interpreter: Interpreter;
  readonly timings: Timings;
  readonly assumptions: Assumptions;
  readonly callsPerSecond: number;
  readonly apiVersion: string;
  readonly fetchesAudio: boolean;
  readonly withheldFields: ReadonlySet<string>;
  readonly stirStatus: string | null;
  readonly holdsClock: boolean;
  readonly requestsKept: number;
  readonly log: (line: LogLine) => void;
}

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly msg: string;
  readonly [detail: string]: unknown;
}

/** A number of the account, with its SID. */
export interface AccountNumber extends OwnedNumber {
  sid: string;
  createdAt: number;
  updatedAt: number;
}

/**
 * The switchboard: everything that legs, verbs and REST share. No behaviour of its own beyond looking things up and
 * passing word on.
 */
export class Exchange {
  readonly accountSid: string;
  readonly authToken: string;
  readonly apiKeys: readonly { sid: string; secret: string }[];
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Transport;
  readonly interpreter: Interpreter;
  readonly timings: Timings;
  readonly assumptions: Assumptions;
  readonly apiVersion: string;
  readonly fetchesAudio: boolean;
  readonly withheldFields: ReadonlySet<string>;
  readonly stirStatus: string | null;
  readonly holdsClock: boolean;
  readonly requestsKept: number;
  readonly faults: Faults;
  readonly ledger: Ledger;
  readonly debuggerLog: DebuggerLog;
  readonly webhooks: Webhooks;
  readonly queues: Queues;
  readonly conferences: Conferences;
  readonly places = new Places();
  readonly pacer: CallPacer;
  readonly audio: Audio;
  readonly recordings: Recordings;
  readonly numbers = new Map<string, AccountNumber>();
  readonly applications = new Map<string, Application>();
  readonly legs = new Map<string, Leg>();
  readonly requested = new Signal<RequestRecord>();
  readonly moments = new Signal<{ leg: Leg; moment: Moment }>();
  readonly #log: (line: LogLine) => void;
  /** Where media of the account are served; recordings' URLs begin with it. */
  baseUrl = 'https://api.twilio.com';
  people!: People;
  /** The leg that was begun last. */
  newest: Leg | null = null;
  #heard = 0;
  readonly #sids: Random;

  constructor(parts: ExchangeParts) {
    this.accountSid = parts.accountSid;
    this.authToken = parts.authToken;
    this.apiKeys = parts.apiKeys;
    this.clock = parts.clock;
    this.random = parts.random;
    this.transport = parts.transport;
    this.interpreter = parts.interpreter;
    this.timings = parts.timings;
    this.assumptions = parts.assumptions;
    this.apiVersion = parts.apiVersion;
    this.fetchesAudio = parts.fetchesAudio;
    this.withheldFields = parts.withheldFields;
    this.stirStatus = parts.stirStatus;
    this.holdsClock = parts.holdsClock;
    this.requestsKept = parts.requestsKept;
    this.#log = parts.log;
    this.#sids = parts.random.fork('sids');
    const now = (): number => this.clock.now();
    this.faults = new Faults(parts.random);
    this.ledger = new Ledger(() => this.legs.values(), now);
    this.debuggerLog = new DebuggerLog(now, (entry) => this.#logDebugger(entry));
    this.webhooks = new Webhooks(this);
    this.queues = new Queues(this);
    this.conferences = new Conferences(this);
    this.audio = new Audio(this);
    this.recordings = new Recordings(this);
    this.pacer = new CallPacer(
      now,
      () => (this.faults.strikes('cps')?.value as number) ?? parts.callsPerSecond,
    );
  }

  sid(prefix: string): string {
    return prefix + this.#sids.hex();
  }

  nextHeardId(): number {
    this.#heard += 1;
    return this.#heard;
  }

  register(leg: Leg): void {
    this.newest = leg;
    this.legs.set(leg.sid, leg);
  }

  onMoment(leg: Leg, moment: Moment): void {
    this.moments.emit({ leg, moment });
  }

  onRequest(record: RequestRecord): void {
    this.requested.emit(record);
    this.#log({
      level: 'debug',
      msg: 'webhook',
      kind: record.kind,
      method: record.method,
      url: record.url,
      status: record.responseStatus,
      error: record.error,
    });
  }

  /** An exception that is nobody's input: a defect of the simulator. Loud, since a silent one would look like a hang. */
  onBug(error: unknown): void {
    const stack = error instanceof Error ? error.stack : undefined;
    this.#log({
      level: 'error',
      msg: 'defect in the simulated network',
      error: String(error),
      stack,
    });
  }

  /** An address as the network dials it; null for what it cannot. */
  dialable(address: string): string | null {
    if (/^client:.{1,121}$/.test(address) || /^sip:.+/.test(address)) return address;
    return normalizeNumber(address);
  }

  #logDebugger(entry: DebuggerEntry): void {
    const { level, code, message, callSid, url } = entry;
    this.#log({
      level: level === 'error' ? 'error' : 'warn',
      msg: `${code} ${message}`,
      callSid,
      url,
    });
  }
}
