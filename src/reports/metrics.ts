import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Report, Reports } from '../dialer/ports.ts';
import type { CallState, SessionState } from '../domain/session-view.ts';

/** What a scrape asks of the sessions that are alive. */
export interface LiveSession {
  state: SessionState;
  calls: readonly CallState[];
}

const SESSION_STATES: readonly SessionState[] = [
  'idle',
  'consumerConnected',
  'dialing',
  'queued',
  'bridged',
  'completed',
];
const CALL_STATES: readonly CallState[] = [
  'idle',
  'dialing',
  'queued',
  'bridged',
  'ending',
  'completed',
];
/** A sync of a good disk takes 0.1 to 5 ms; a webhook is late past a second (Twilio gives up after 15). */
const COMMIT_BUCKETS_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2];
const WEBHOOK_BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15];

/**
 * The numbers at /metrics, in Prometheus's form. Counters are fed by reports, gauges read at the scrape; nothing of it
 * is known to the charts. docs/operations.md tells what each is good for.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #sessions: () => Iterable<LiveSession>;
  readonly #webhooks = this.#histogram('webhook_duration_seconds', 'Webhooks answered', {
    labels: ['route', 'status'],
    buckets: WEBHOOK_BUCKETS_SECONDS,
  });
  readonly #anomalies = this.#counter('anomalies_total', 'What did not fit, by kind', ['kind']);
  readonly #effectsFailed = this.#counter('effects_failed_total', 'Effects that failed', [
    'effect',
  ]);
  readonly #effectsRetried = this.#counter('effects_retried_total', 'Effects begun again', [
    'effect',
  ]);
  readonly #placed = this.#counter('calls_placed_total', 'Calls that Twilio accepted');
  readonly #refused = this.#counter('calls_refused_total', 'Calls not placed', ['code']);
  readonly #ended = this.#counter('calls_ended_total', 'Attempts that are over', ['outcome']);
  readonly #byPerson = this.#counter(
    'calls_answered_by_person_total',
    'Attempts that a person answered: what the abandon rate is a share of',
  );
  readonly #abandoned = this.#counter(
    'calls_abandoned_total',
    'Attempts that a person answered and no agent was bridged to',
  );
  readonly #orphans = this.#counter('orphan_legs_total', 'Legs ended because nobody owned them');
  readonly #sessionFailures = this.#counter('session_failures_total', 'Actors that threw');
  readonly #commits = this.#histogram('journal_commit_seconds', 'Transactions with their sync', {
    labels: [],
    buckets: COMMIT_BUCKETS_SECONDS,
  });
  readonly #commitFailures = this.#counter('journal_commit_failures_total', 'Writes that failed');
  readonly #entries = this.#counter('journal_entries_total', 'Entries that are durable');
  readonly #writable = new Gauge({
    name: 'autoconnect_journal_writable',
    help: '0 while the journal cannot be written: nobody new is dialed then',
    registers: [this.#registry],
  });
  readonly #recovery = new Gauge({
    name: 'autoconnect_recovery_seconds',
    help: 'How long the last start took to stand where the journal left it',
    registers: [this.#registry],
  });

  /** `withProcess` false: without the numbers of the process, for tests. */
  constructor(sessions: () => Iterable<LiveSession>, withProcess = true) {
    this.#sessions = sessions;
    if (withProcess) collectDefaultMetrics({ register: this.#registry });
    this.#gauges();
    this.#writable.set(1);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** A report goes on to `next`, and is counted. */
  counting(next: Report): Report {
    return (name, details) => {
      next(name, details);
      this.#counts[name]?.(details);
    };
  }

  webhookAnswered(route: string, status: number, tookMs: number): void {
    this.#webhooks.observe({ route, status }, tookMs / 1000);
  }

  committed({ entries, commitMs, failed }: { entries: number; commitMs: number; failed: boolean }) {
    if (failed) this.#commitFailures.inc();
    else {
      this.#commits.observe(commitMs / 1000);
      this.#entries.inc(entries);
    }
  }

  readonly #counts: { [Name in keyof Reports]?: (details: Reports[Name]) => void } = {
    anomaly: ({ anomaly }) => this.#anomalies.inc({ kind: anomaly }),
    'effect.failed': ({ effect }) => this.#effectsFailed.inc({ effect }),
    'effect.retried': ({ effect }) => this.#effectsRetried.inc({ effect }),
    'call.placed': () => this.#placed.inc(),
    'call.refused': ({ code }) => this.#refused.inc({ code: code ?? 'none' }),
    'call.ended': ({ outcome }) => {
      this.#ended.inc({ outcome });
      if (outcome === 'talked' || outcome === 'abandoned') this.#byPerson.inc();
      if (outcome === 'abandoned') this.#abandoned.inc();
    },
    'leg.orphaned': () => this.#orphans.inc(),
    'session.failed': () => this.#sessionFailures.inc(),
    'journal.failed': () => this.#writable.set(0),
    'journal.writable': () => this.#writable.set(1),
    'dialer.recovered': ({ tookMs }) => this.#recovery.set(tookMs / 1000),
  };

  #gauges(): void {
    const sessions = this.#sessions;
    const registers = [this.#registry];
    void new Gauge({
      name: 'autoconnect_sessions',
      help: 'Agent sessions by state',
      labelNames: ['state'],
      registers,
      collect() {
        for (const state of SESSION_STATES) this.set({ state }, 0);
        for (const { state } of sessions()) this.inc({ state });
      },
    });
    void new Gauge({
      name: 'autoconnect_calls',
      help: 'Attempts that are not over, by state',
      labelNames: ['state'],
      registers,
      collect() {
        for (const state of CALL_STATES) this.set({ state }, 0);
        for (const { calls } of sessions()) for (const state of calls) this.inc({ state });
      },
    });
  }

  #counter(name: string, help: string, labelNames: string[] = []): Counter {
    const registers = [this.#registry];
    return new Counter({ name: `autoconnect_${name}`, help, labelNames, registers });
  }

  #histogram(
    name: string,
    help: string,
    { labels, buckets }: { labels: string[]; buckets: number[] },
  ): Histogram {
    const registers = [this.#registry];
    return new Histogram({
      name: `autoconnect_${name}`,
      help,
      labelNames: labels,
      buckets,
      registers,
    });
  }
}
