import { SIMULATED_NUMBER } from '../assembly.ts';
import type { Config } from '../config.ts';
import type { Report, Reports } from '../dialer/ports.ts';
import type { CallId, SessionId } from '../domain/ids.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { MemoryLeads } from '../leads/memory-leads.ts';
import type { Leg } from '../simulator/leg.ts';
import { Network } from '../simulator/network.ts';
import { TIMINGS } from '../simulator/options.ts';
import { Random } from '../simulator/random.ts';
import {
  TransportError,
  type TransportRequest,
  type TransportResponse,
} from '../simulator/transport.ts';
import { VirtualClock } from '../simulator/virtual-clock.ts';
import { Acknowledgements } from './acknowledgements.ts';
import { isAskedBy, isIntentOf } from './durable-first.ts';
import { drawFaults, type FaultKind, type FaultLevel } from './faults.ts';
import { configOf, drawHouse, PEOPLE } from './house.ts';
import { Judge, type Violation } from './judge.ts';
import { Recorder } from './recorder.ts';
import { restLine } from './rest-line.ts';
import { RobotAgent } from './robot-agent.ts';
import { seededRandom } from './seeded-random.ts';
import { ServerLife, type Sabotage } from './server-life.ts';
import { durableLeads, LeadSupply } from './shift-leads.ts';
import { Story } from './story.ts';
import { Sweep } from './sweep.ts';
import { Trouble } from './trouble.ts';
import { VirtualStore } from './virtual-store.ts';
import { ArrowCounter, followedOf } from './witnesses.ts';

export interface ShiftOptions {
  seed: number;
  agents: number;
  hours: number;
  faults: FaultLevel;
  /** Only faults of these kinds; null: whatever the seed draws. */
  only?: readonly FaultKind[] | null;
  sabotage?: Sabotage | undefined;
  /** One webhook in so many goes through the whole HTTP server: see ServerLife. */
  injectEvery?: number;
  /** Whose story is told; null: everybody's. Left out: nobody's. */
  storyOf?: SessionId | null;
}

export interface ShiftResult {
  seed: number;
  webhooks: number;
  calls: number;
  faults: Record<string, number>;
  outcomes: Partial<Record<Outcome, number>>;
  talkSeconds: number;
  journalEntries: number;
  journalHash: string;
  virtualSeconds: number;
  replies: Record<string, number>;
  /** Arrows of the charts, of a few agents of each shift. */
  arrows: Record<string, number>;
  story: readonly string[];
  /** Of the sessions whose story is told; null where none is. */
  recording: string | null;
  violation: Violation | null;
}

const INJECT_EVERY = 20;
const BASE_URL = 'https://dialer.test';
const HOUR_MS = 3_600_000;
/** After the faults have stopped, until everything must be at rest (L10). */
const REST_WITHIN_MS = 180_000;
/** Until everybody has signed out and the last session is closed. */
const CLOSED_WITHIN_MS = 400_000;
/** One agent is through with about so many leads an hour, those who did not answer among them. */
const LEADS_PER_HOUR = 160;
/** Of a list that is short: too few for a minute's work. */
const LEADS_PER_BATCH = 5;
/** A short list is added to about every two minutes. */
const LIST_GROWS = 0.25;
/** A leg that is over is looked up for so long; then only the ledger knows of it. */
const FORGOTTEN_AFTER_MS = 30 * 60_000;

/** One floor for some hours: the server's own code and the simulated network in one process, on one virtual clock. */
export class Shift {
  readonly options: ShiftOptions;
  readonly clock = new VirtualClock({ settle: () => this.#settled() });
  readonly random: Random;
  readonly store: VirtualStore;
  readonly list: MemoryLeads;
  readonly network: Network;
  readonly agents: RobotAgent[];
  readonly judge: Judge;
  readonly acknowledged: Acknowledgements;
  readonly trouble: Trouble;
  readonly outcomes: Partial<Record<Outcome, number>> = {};
  life: ServerLife | null = null;
  readonly #byNumber = new Map<string, RobotAgent>();
  readonly #config: Config;
  readonly #supply: LeadSupply;
  readonly #sweep: Sweep;
  readonly #dice: ReturnType<typeof seededRandom>;
  readonly #downtime: Random;
  readonly #replies: Record<string, number> = {};
  readonly #story: Story | null;
  readonly #recorder: Recorder | null;
  readonly #arrows: ArrowCounter;
  readonly #over: { leg: Leg; at: number }[] = [];

  constructor(options: ShiftOptions) {
    this.options = options;
    const { seed, agents, hours, faults, only = null } = options;
    this.random = new Random(seed).fork('shift');
    this.#downtime = this.random.fork('downtime');
    this.#dice = seededRandom(this.random.fork('server'));
    this.store = new VirtualStore(this.clock, () => this.trouble.commitMs());
    this.store.beforeCommit = () => this.trouble.reached('commit');
    this.store.afterWrite = () => this.trouble.reached('write');
    const house = drawHouse(faults, this.random.fork('house'));
    this.#config = configOf(house);
    const leads = Math.ceil(agents * hours * LEADS_PER_HOUR) + 20;
    this.#supply = new LeadSupply(leads, house.hasShortLists ? agents * LEADS_PER_BATCH : leads);
    this.list = this.#supply.list;
    this.network = this.#network();
    const { ledger, exchange } = this.network;
    this.judge = new Judge(
      ledger,
      () => this.clock.now(),
      () => this.life?.dialer.sessions ?? [],
    );
    this.acknowledged = new Acknowledgements(this.judge, this.store);
    this.judge.losersRingOut = house.ringsOut;
    if (faults === 'none') this.judge.queueMissingAtMost = 0;
    this.trouble = new Trouble(
      drawFaults(faults, this.random.fork('faults'), only),
      this.clock,
      this.random.fork('trouble'),
      this.network.faults,
      { kill: () => this.#kill(), cutPages: (share) => this.#cutPages(share) },
    );
    this.#sweep = new Sweep(this);
    this.#story =
      options.storyOf === undefined
        ? null
        : new Story(options.storyOf, this.judge, () => this.clock.now());
    this.#recorder =
      options.storyOf === undefined
        ? null
        : new Recorder(options.storyOf, (leadId) => this.#supply.numberOf(leadId));
    const followed = followedOf(seed, agents);
    this.#arrows = new ArrowCounter(
      (agentId) => this.#story !== null || followed.has(agentId),
      (sessionId, step) => this.#story?.step(sessionId, step),
    );
    this.store.onEntry = (entry) => {
      this.judge.journaled(entry);
      this.#arrows.see(entry);
      this.#recorder?.see(entry);
    };
    this.agents = Array.from({ length: agents }, (_, index) => this.#agent(index));
    exchange.moments.listen(({ leg, moment }) => {
      if (moment === 'prompted') this.#byNumber.get(leg.from)?.prompted();
      this.#story?.moment(leg, moment);
      this.judge.moment(leg, moment);
      if (moment === 'ended') this.#over.push({ leg, at: this.clock.now() });
    });
  }

  async run(): Promise<ShiftResult> {
    const startedAt = this.clock.now();
    const { agents, options, trouble } = this;
    await this.#startServer();
    for (const agent of agents) agent.start(this.random.int(0, 60_000));
    this.#sweepOn();
    trouble.begin(agents.length);
    await this.#pass(options.hours * HOUR_MS);
    trouble.end();
    for (const agent of agents) agent.finish();
    await this.#pass(REST_WITHIN_MS);
    this.#sweep.atRest();
    for (const agent of agents) agent.leave();
    await this.#pass(CLOSED_WITHIN_MS);
    this.#sweep.closed();
    return this.#result(startedAt);
  }

  #result(startedAt: number): ShiftResult {
    const { ledger, exchange } = this.network;
    const talkMs = ledger.bridges.reduce(
      (sum, { startedAt: from, endedAt }) => sum + (endedAt ?? this.clock.now()) - from,
      0,
    );
    return {
      seed: this.options.seed,
      webhooks: exchange.webhooks.count,
      calls: [...this.judge.calls.values()].filter(({ placed }) => placed > 0).length,
      faults: this.trouble.report(),
      outcomes: this.outcomes,
      talkSeconds: Math.round(talkMs / 1000),
      journalEntries: this.store.entries,
      journalHash: this.store.journalHash(),
      virtualSeconds: (this.clock.now() - startedAt) / 1000,
      replies: this.#replies,
      arrows: this.#arrows.counts,
      story: this.#story?.lines ?? [],
      recording: this.#recorder?.recording ?? null,
      violation: this.judge.first,
    };
  }

  /** Lets time pass, unless something is wrong already. */
  async #pass(forMs: number): Promise<void> {
    if (this.judge.first) return;
    let isOver = false;
    this.clock.setTimeout(() => (isOver = true), forMs);
    await this.clock.advanceUntil(() => isOver || this.judge.first !== null, forMs + 1);
  }

  #sweepOn(): void {
    this.clock.setTimeout(() => {
      this.#sweep.whileWorking();
      this.#lengthenList();
      this.#forgetOldLegs();
      this.#sweepOn();
    }, Sweep.everyMs);
  }

  /** Not at once: agents are to find it finished. */
  #lengthenList(): void {
    if (!this.life?.isReady || this.#supply.isEmpty || !this.#downtime.chance(LIST_GROWS)) return;
    this.#supply.lengthen();
    this.life.dialer.leadsAdded();
  }

  #forgetOldLegs(): void {
    const before = this.clock.now() - FORGOTTEN_AFTER_MS;
    const { exchange, ledger } = this.network;
    let done = 0;
    for (; (this.#over[done]?.at ?? Infinity) < before; done++) {
      const { leg } = this.#over[done]!;
      ledger.remember(leg);
      exchange.legs.delete(leg.sid);
    }
    this.#over.splice(0, done);
  }

  async #startServer(): Promise<void> {
    const life = this.#newLife();
    this.life = life;
    await life.build();
    void life.recover();
  }

  #newLife(): ServerLife {
    const { clock, store, list, network, judge, trouble } = this;
    return new ServerLife({
      config: this.#config,
      baseUrl: BASE_URL,
      clock,
      random: this.#dice,
      journal: store.journal(),
      leads: durableLeads(list, store, ({ callId, talkMs }) =>
        judge.recorded(callId, talkMs ?? null),
      ),
      rest: restLine(network, clock, {
        isCut: () => trouble.isCut,
        placing: () => trouble.reached('create'),
        placed: (leg) => {
          const callId = callIdOf(leg);
          judge.placed(callId, leg.to, leg);
          const sessionId = judge.calls.get(callId)?.sessionId ?? null;
          judge.leaves(`the create of ${callId}`, store.isPending(isIntentOf(callId)), sessionId);
        },
      }),
      report: this.#report,
      noticed: (sessionId, notice) => judge.noticed(sessionId, notice, this.life?.isReady === true),
      asking: (request) => judge.asking(request),
      answered: (request, plan) => {
        this.#replies[plan.plan] = (this.#replies[plan.plan] ?? 0) + 1;
        this.#story?.answered(request, plan);
        judge.answered(request, plan);
        const isPending = store.isPending(isAskedBy(request));
        const what = `the ${plan.plan} of ${request.kind}`;
        judge.leaves(what, isPending, judge.sessionOf(request));
      },
      sabotage: this.options.sabotage,
      injectEvery: this.options.injectEvery ?? INJECT_EVERY,
    });
  }

  #kill(): void {
    if (!this.life?.isAlive) return;
    this.#sweep.replayed(this.life);
    this.#story?.said('         The server is killed.');
    this.life.kill();
    this.life = null;
    this.store.crash();
    this.judge.killed();
    this.clock.setTimeout(() => void this.#restart(), this.#downtime.int(100, 8000));
  }

  async #restart(): Promise<void> {
    const life = this.#newLife();
    const built = life.build();
    this.clock.hold(built);
    this.life = life;
    await built;
    if (!life.isAlive) return; // Killed again while it started.
    await life.recover();
    this.#recorder?.restarted(this.clock.now());
    this.#story?.said('         The server has recovered.');
  }

  #cutPages(share: number): void {
    for (const agent of this.agents) if (this.#downtime.chance(share)) agent.cut();
  }

  readonly #report: Report = (name, details) => {
    if (name === 'call.ended') {
      const { outcome } = details as Reports['call.ended'];
      this.outcomes[outcome] = (this.outcomes[outcome] ?? 0) + 1;
    }
    if (name === 'anomaly') this.judge.anomaly(details as Reports['anomaly']);
    if (name === 'session.failed') {
      const { sessionId, error } = details as Reports['session.failed'];
      const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.judge.broken('E1', `an actor of ${sessionId} failed: ${words}`, sessionId);
    }
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
      people: PEOPLE,
      transport: (request) => this.#deliver(request),
      holdClock: false,
      requestsKept: 0, // Nobody asks for them.
    });
  }

  async #deliver(request: TransportRequest): Promise<TransportResponse> {
    if (this.trouble.isCut) throw new TransportError('connectTimeout', 'the line is cut');
    this.trouble.reached('webhook');
    if (!this.life) throw new TransportError('refused', 'nobody listens');
    const response = await this.life.ask(request);
    if (response.status === 200) this.#answered(request, response.body);
    return response;
  }

  #answered(request: TransportRequest, document: string): void {
    const target = request.url.slice(BASE_URL.length);
    const [, callSid = ''] = request.fields.find(([name]) => name === 'CallSid') ?? [];
    this.judge.replied(target, callSid, document);
    const againInMs = this.trouble.againInMs();
    if (againInMs !== null) this.clock.setTimeout(() => void this.#again(request), againInMs);
  }

  /** S8 A repeat is answered and changes nothing. */
  async #again(request: TransportRequest): Promise<void> {
    const { life } = this;
    if (!life?.isReady || this.trouble.isCut) return;
    const response = await life.ask(request).catch(() => null);
    if (response?.status === 200) this.#answered(request, response.body);
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
      acknowledged: this.acknowledged,
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

export const callIdOf = (leg: Leg): CallId =>
  (/\/twilio-webhook\/[a-z-]+\/([A-Za-z0-9_-]{22})/.exec(leg.placedUrl ?? '')?.[1] ??
    leg.sid) as CallId;
