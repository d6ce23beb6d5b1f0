import { readConfig } from '../config.ts';
import type { Report, Reports } from '../dialer/ports.ts';
import type { Outcome } from '../domain/outcome.ts';
import { SIMULATED_NUMBER } from '../assembly.ts';
import { MemoryLeads } from '../leads/memory-leads.ts';
import { Network } from '../simulator/network.ts';
import { TIMINGS } from '../simulator/options.ts';
import { Random } from '../simulator/random.ts';
import {
  TransportError,
  type TransportRequest,
  type TransportResponse,
} from '../simulator/transport.ts';
import { VirtualClock } from '../simulator/virtual-clock.ts';
import { restLine } from './rest-line.ts';
import { RobotAgent } from './robot-agent.ts';
import { seededRandom } from './seeded-random.ts';
import { ServerLife } from './server-life.ts';
import { durableLeads, leadsOfShift } from './shift-leads.ts';
import { VirtualStore } from './virtual-store.ts';

export interface ShiftOptions {
  seed: number;
  agents: number;
  hours: number;
}

export interface ShiftResult {
  seed: number;
  webhooks: number;
  calls: number;
  outcomes: Partial<Record<Outcome, number>>;
  talkSeconds: number;
  journalEntries: number;
  journalHash: string;
  virtualSeconds: number;
}

const BASE_URL = 'https://dialer.test';
const HOUR_MS = 3_600_000;
/** After the faults have stopped, until everything must be at rest (L10). */
const REST_WITHIN_MS = 180_000;
/** Until everybody has signed out and the last session is closed. */
const CLOSED_WITHIN_MS = 400_000;
/** One agent is through with about so many leads an hour, those who did not answer among them. */
const LEADS_PER_HOUR = 260;

/** One floor for some hours: the server's own code and the simulated network in one process, on one virtual clock. */
export class Shift {
  readonly options: ShiftOptions;
  readonly clock = new VirtualClock({ settle: () => this.#settled() });
  readonly random: Random;
  readonly store: VirtualStore;
  readonly list: MemoryLeads;
  readonly network: Network;
  readonly agents: RobotAgent[];
  readonly outcomes: Partial<Record<Outcome, number>> = {};
  life: ServerLife | null = null;
  readonly #byNumber = new Map<string, RobotAgent>();

  constructor(options: ShiftOptions) {
    this.options = options;
    this.random = new Random(options.seed).fork('shift');
    this.store = new VirtualStore(this.clock, () => 0);
    const leads = Math.ceil(options.agents * options.hours * LEADS_PER_HOUR) + 20;
    this.list = new MemoryLeads(leadsOfShift(leads));
    this.network = this.#network();
    this.agents = Array.from({ length: options.agents }, (_, index) => this.#agent(index));
    this.network.exchange.moments.listen(({ leg, moment }) => {
      if (moment === 'prompted') this.#byNumber.get(leg.from)?.prompted();
    });
  }

  async run(): Promise<ShiftResult> {
    const startedAt = this.clock.now();
    await this.#startServer();
    for (const agent of this.agents) agent.start(this.random.int(0, 60_000));
    await this.clock.advance(this.options.hours * HOUR_MS);
    for (const agent of this.agents) agent.finish();
    await this.clock.advance(REST_WITHIN_MS);
    for (const agent of this.agents) agent.leave();
    await this.clock.advance(CLOSED_WITHIN_MS);
    const { ledger, exchange } = this.network;
    const talkMs = ledger.bridges.reduce(
      (sum, { startedAt: from, endedAt }) => sum + (endedAt ?? this.clock.now()) - from,
      0,
    );
    return {
      seed: this.options.seed,
      webhooks: exchange.webhooks.count,
      calls: ledger.calls.filter(({ direction }) => direction === 'outbound-api').length,
      outcomes: this.outcomes,
      talkSeconds: Math.round(talkMs / 1000),
      journalEntries: this.store.entries,
      journalHash: this.store.journalHash(),
      virtualSeconds: (this.clock.now() - startedAt) / 1000,
    };
  }

  async #startServer(): Promise<void> {
    const { clock, store, list, network } = this;
    const life = new ServerLife({
      config: readConfig({ CALLS_PER_SECOND: '200', LOG_LEVEL: 'silent' }),
      baseUrl: BASE_URL,
      clock,
      random: seededRandom(this.random.fork('server')),
      journal: store.journal(),
      leads: durableLeads(list, store),
      rest: restLine(network, clock, { placed: () => {}, isCut: () => false }),
      report: this.#report,
      noticed: () => {},
    });
    this.life = life;
    clock.hold(life.build());
    await clock.quiesce();
    void life.recover();
  }

  readonly #report: Report = (name, details) => {
    if (name !== 'call.ended') return;
    const { outcome } = details as Reports['call.ended'];
    this.outcomes[outcome] = (this.outcomes[outcome] ?? 0) + 1;
  };

  #network(): Network {
    return new Network({
      numbers: [
        {
          phoneNumber: SIMULATED_NUMBER,
          voiceUrl: `${BASE_URL}/twilio-webhook/consume`,
          voiceFallbackUrl: `${BASE_URL}/twilio-webhook/fallback/agent`,
        },
      ],
      clock: this.clock,
      seed: this.options.seed,
      callsPerSecond: 1000,
      timings: TIMINGS.lifelike,
      transport: (request) => this.#deliver(request),
      holdClock: false,
    });
  }

  async #deliver(request: TransportRequest): Promise<TransportResponse> {
    if (!this.life) throw new TransportError('refused', 'nobody listens');
    return this.life.ask(request);
  }

  #agent(index: number): RobotAgent {
    const number = `+1${316 + Math.floor(index / 100)}55501${String(index % 100).padStart(2, '0')}`;
    const agent = new RobotAgent({
      name: `agent ${index + 1}`,
      number: SIMULATED_NUMBER,
      clock: this.clock,
      random: this.random.fork(`agent ${index}`),
      handset: this.network.handset(number),
      server: () => this.life,
      acknowledged: { session: () => {}, command: () => {} },
      pageLoss: 0.002,
    });
    this.#byNumber.set(number, agent);
    return agent;
  }

  /** Requests on their way through Fastify need turns of the event loop, and no time. */
  async #settled(): Promise<void> {
    for (let turn = 0; turn < 10 && (this.life?.injecting ?? 0) > 0; turn++) {
      await new Promise(setImmediate);
    }
  }
}
