import { Dialer } from '../dialer/dialer.ts';
import type { DialerSettings, JournalEntry, Notice, Report } from '../dialer/ports.ts';
import { PhoneNumber } from '../domain/phone-number.ts';
import {
  RecordedTelephony,
  StepJournal,
  type Order,
  type RecordedLeads,
  type RecordedRandom,
} from './replay-ports.ts';
import type { Script } from './script.ts';
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
  };
}

/** One life of the server: until the recording ends, or a restart in it. */
export class DialerProcess {
  readonly clock: VirtualClock;
  readonly journal: StepJournal;
  readonly telephony: RecordedTelephony;
  readonly dialer: Dialer;
  #isDead = false;

  constructor({ script, random, leads, outside, startAt, journal }: ProcessParts) {
    const ifAlive =
      <Args extends unknown[]>(act: (...args: Args) => void) =>
      (...args: Args): void => {
        if (!this.#isDead) act(...args);
      };
    this.clock = new VirtualClock(startAt);
    this.journal = new StepJournal(journal, hasRestart(script));
    this.telephony = new RecordedTelephony(ifAlive((order: Order) => outside.order(order)));
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
      },
      settingsOf(script),
    );
  }

  /** The process is gone between two instructions: what it had under way reaches nobody. */
  kill(): readonly JournalEntry[] {
    this.#isDead = true;
    return this.journal.freeze();
  }
}

const hasRestart = (script: Script): boolean => script.steps.some(({ step }) => step === 'restart');
