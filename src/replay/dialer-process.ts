import { composeSession, type OrderSink, type SessionMachine } from '../dialer/compose.ts';
import { Dialer } from '../dialer/dialer.ts';
import type { DialerSettings, JournalEntry, Notice, Report } from '../dialer/ports.ts';
import { PhoneNumber } from '../domain/phone-number.ts';
import {
  RecordedLines,
  RecordedTelephony,
  StepJournal,
  type Awaited,
  type Order,
  type RecordedLeads,
  type RecordedRandom,
} from './replay-ports.ts';
import type { Script, Step } from './script.ts';
import { VirtualClock } from './virtual-clock.ts';

/** What a process does to the world; a dead one does nothing any more. */
export interface Outside {
  notice(notice: Notice): void;
  order(order: Order): void;
  report: Report;
}

export interface ProcessParts {
  script: Script;
  random: RecordedRandom;
  leads: RecordedLeads;
  outside: Outside;
  /** What Twilio's REST API is still going to say. */
  awaited: Awaited;
  startAt: number;
  /** What the last process left on disk. */
  journal: readonly JournalEntry[];
}

const NUMBER = '+13155550100';

/** Same limits as a configured server has. */
function settingsOf(script: Script): DialerSettings {
  const dialInNumber = PhoneNumber.parse(NUMBER);
  if (!dialInNumber) throw new Error('the dial-in number is not E.164');
  return {
    dialInNumber,
    lines: script.lines,
    callsPerSecond: script.callsPerSecond,
    accessCodeLifeMs: 10 * 60_000,
    detachedWithinMs: 120_000,
    closeWithinMs: 60_000,
    createWithinMs: 20_000,
    ringAtLeastMs: script.ringAtLeastMs,
    ringAtMostMs: 45_000,
    bridgeWithinMs: 1500,
    askAgainAfterMs: 15_000,
    lookUpWithinMs: 120_000,
    ...limitsOf(script),
  };
}

const LIMITS = [
  'detachedWithinMs',
  'closeWithinMs',
  'createWithinMs',
  'ringAtMostMs',
  'bridgeWithinMs',
  'askAgainAfterMs',
  'lookUpWithinMs',
] as const;

/** Those that the recording names; what else a file says has no meaning here. */
const limitsOf = ({ limits }: Script): Partial<DialerSettings> =>
  Object.fromEntries(
    LIMITS.flatMap((name) => (limits[name] === undefined ? [] : [[name, limits[name]]])),
  );

/** The composed charts, and where their orders go. */
interface Charts {
  machine: SessionMachine;
  sink: { to: OrderSink };
}

/** Composing copies both charts, which takes as long as a short replay: those of a replay that is over are used again. */
const idle: Charts[] = [];

function charts(): Charts {
  const sink = { to: { take: () => {} } as OrderSink };
  return { sink, machine: composeSession({ take: (order) => sink.to.take(order) }) };
}

/** One life of the server: until the recording ends, or a restart in it. */
export class DialerProcess {
  readonly clock: VirtualClock;
  readonly journal: StepJournal;
  readonly telephony: RecordedTelephony;
  readonly dialer: Dialer;
  /** Null where the recording does not tell when lines were free. */
  readonly lines: RecordedLines | null;
  readonly #charts = idle.pop() ?? charts();
  #isDead = false;

  constructor({ script, random, leads, outside, awaited, startAt, journal }: ProcessParts) {
    const ifAlive =
      <Args extends unknown[]>(act: (...args: Args) => void) =>
      (...args: Args): void => {
        if (!this.#isDead) act(...args);
      };
    this.clock = new VirtualClock(startAt);
    this.journal = new StepJournal(journal, has(script, 'restart'));
    this.telephony = new RecordedTelephony(
      ifAlive((order: Order) => outside.order(order)),
      awaited,
    );
    // Who tells what the list answered, and when, tells of every line; where there is none, nobody had one.
    const tellsLines = has(script, 'line') || has(script, 'reserved');
    this.lines = tellsLines ? new RecordedLines() : null;
    this.dialer = new Dialer(
      {
        clock: this.clock,
        random,
        journal: this.journal,
        telephony: this.telephony,
        leads,
        notices: { publish: ifAlive((_session: string, notice: Notice) => outside.notice(notice)) },
        report: (name, details) => {
          if (!this.#isDead) outside.report(name, details);
        },
        ...(this.lines && { lines: this.lines }),
      },
      settingsOf(script),
      (sink) => {
        this.#charts.sink.to = sink;
        return this.#charts.machine;
      },
    );
  }

  /** The end of the recording. */
  async close(): Promise<void> {
    await this.dialer.close();
    idle.push(this.#charts);
  }

  /** The process is gone between two instructions: what it had under way reaches nobody. */
  kill(): readonly JournalEntry[] {
    this.#isDead = true;
    return this.journal.freeze();
  }
}

const has = (script: Script, wanted: Step['step']): boolean =>
  script.steps.some(({ step }) => step === wanted);
