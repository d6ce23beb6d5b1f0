import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LeadId } from '../domain/ids.ts';
import type { Lead } from '../domain/lead.ts';
import { PhoneNumber } from '../domain/phone-number.ts';
import { beside } from '../journal/check-store.ts';
import { oneValue } from '../journal/open-database.ts';
import { openStore } from '../journal/sqlite-store.ts';
import { TIMINGS } from '../simulator/options.ts';
import { Random } from '../simulator/random.ts';
import { Executioner, KILL_POINTS, type KillPoint } from './executioner.ts';
import { serveHookedNetwork, type HookedNetwork } from './hooked-network.ts';
import { judge, type Verdict } from './judge.ts';
import { cutPower, durablePoint, type DurablePoint } from './power-cut.ts';
import { noAcknowledgements, RobotAgent } from './robot-agent.ts';
import { freePort, ServerProcess } from './server-process.ts';

export interface TortureOptions {
  kills: number;
  seed: number;
  agents: number;
  powerCut: boolean;
  /** The program under torture; default: the one that this file is part of. */
  main?: string;
  onKill?: (kill: { number: number; point: KillPoint; recoveryMs: number | null }) => void;
}

export interface TortureResult extends Verdict {
  kills: number;
  seed: number;
  points: Partial<Record<KillPoint, number>>;
  dials: number;
  talks: number;
  /** Bytes of the write-ahead log that power failures took. */
  bytesCut: number;
  recoveryMs: number[];
  /** Kept only when something was found. */
  folder: string | null;
}

const NUMBER = '+13155550100';
/** Everything ends within this of the last kill: docs/operations.md. */
const REST_WITHIN_MS = 180_000;
const INFORMED_WITHIN_MS = 20_000;
/** Numbers of fiction that there are: 555-01xx in 800 area codes. */
const LEADS_MAX = 79_000;
const LEADS_PER_KILL = 60;
const LOOK_UP_SECONDS = 10;

/**
 * Kills the built server again and again while agents work, and compares in the end what was acknowledged and what
 * truly happened with what it has kept.
 *   T1. The judge reads the network's ledger, the agents' own notes and the file; never what the server says of itself.
 *   T2. A moment of the conversation is struck in its own tick, or a few milliseconds later.
 */
export async function torture(options: TortureOptions): Promise<TortureResult> {
  const bench = await Bench.set(options);
  try {
    await bench.begin();
    for (let number = 1; number <= options.kills; number++) await bench.killOnce(number);
    await bench.rest();
    return bench.result();
  } finally {
    await bench.clear();
  }
}

class Bench {
  readonly #options: TortureOptions;
  readonly #folder: string;
  readonly #store: string;
  readonly #random: Random;
  readonly #acks = noAcknowledgements();
  readonly #executioner: Executioner;
  readonly #points: Partial<Record<KillPoint, number>> = {};
  readonly #recoveryMs: number[] = [];
  readonly #complaints: string[] = [];
  #server!: ServerProcess;
  #network!: HookedNetwork;
  #agents: RobotAgent[] = [];
  #acked: DurablePoint | null = null;
  #bytesCut = 0;
  #hasFindings = true;

  private constructor(options: TortureOptions) {
    this.#options = options;
    this.#folder = mkdtempSync(join(tmpdir(), 'auto-connect-torture-'));
    this.#store = join(this.#folder, 'store.db');
    this.#random = new Random(options.seed);
    this.#executioner = new Executioner(this.#random.fork('kills'), () => this.#server.kill());
  }

  static async set(options: TortureOptions): Promise<Bench> {
    const bench = new Bench(options);
    const seedLeads = leads(Math.min(LEADS_MAX, 400 + options.kills * LEADS_PER_KILL));
    await (await openStore(bench.#store, { seedLeads })).close();
    bench.#network = await bench.#serveNetwork();
    bench.#server = new ServerProcess({
      port: await freePort(),
      ...(options.main !== undefined && { main: options.main }),
      env: {
        SIMULATOR_URL: bench.#network.url,
        STORE: bench.#store,
        LINES: '2',
        CALLS_PER_SECOND: '200',
        RING_SECONDS: '15',
        LOOK_UP_SECONDS: `${LOOK_UP_SECONDS}`,
      },
    });
    return bench;
  }

  async begin(): Promise<void> {
    await this.#server.start();
    this.#agents = Array.from({ length: this.#options.agents }, (_, index) => this.#agent(index));
    for (const agent of this.#agents) agent.start();
    await this.#untilInformed();
  }

  async killOnce(number: number): Promise<void> {
    const random = this.#random;
    const point = random.pick(KILL_POINTS);
    const struck =
      point === 'starting' ? await this.#killWhileStarting() : await this.#strike(point);
    this.#points[struck] = (this.#points[struck] ?? 0) + 1;
    this.#cutPower();
    const startedAt = performance.now();
    await this.#server.start();
    const isInformed = await this.#untilInformed();
    const recoveryMs = isInformed ? performance.now() - startedAt : null;
    if (recoveryMs === null) this.#complaints.push(`after kill ${number} not every page was right`);
    else this.#recoveryMs.push(recoveryMs);
    this.#options.onKill?.({ number, point: struck, recoveryMs });
    if (random.chance(0.3)) await sleep(random.int(0, 1500));
  }

  /** The agents finish and sign out, the last legs go, the server is told to end. */
  async rest(): Promise<void> {
    for (const agent of this.#agents) agent.leave();
    const { ledger } = this.#network.network;
    const until = Date.now() + REST_WITHIN_MS;
    while (Date.now() < until) {
      const isQuiet =
        this.#agents.every((agent) => agent.isGone) && ledger.liveCalls().length === 0;
      // A call that was never placed is looked for, and its session lives, for a while.
      if (isQuiet && beside(this.#store, isAtRest)) break;
      await sleep(200);
    }
    for (const agent of this.#agents) agent.stop();
    this.#server.terminate();
    const code = await this.#server.gone;
    if (code !== 0) {
      this.#complaints.push(`after SIGTERM the server ended with ${code}: ${this.#server.stderr}`);
    }
  }

  result(): TortureResult {
    const { ledger, exchange } = this.#network.network;
    const verdict = judge(this.#store, this.#acks, ledger, exchange.webhooks.requests);
    const complaints = [
      ...this.#complaints,
      ...this.#agents.flatMap((agent) => agent.complaints),
      ...this.#agents.flatMap((agent) =>
        agent.isGone ? [] : `an agent could not finish: ${JSON.stringify(agent.view)}`,
      ),
    ];
    const stuckCalls = [...complaints, ...verdict.stuckCalls];
    const { lost, secondDials, orphanLegs } = verdict;
    this.#hasFindings = [lost, secondDials, stuckCalls, orphanLegs].some((of) => of.length > 0);
    return {
      ...verdict,
      stuckCalls,
      kills: this.#options.kills,
      seed: this.#options.seed,
      points: this.#points,
      dials: ledger.calls.filter((call) => call.direction === 'outbound-api').length,
      talks: ledger.bridges.length,
      bytesCut: this.#bytesCut,
      recoveryMs: this.#recoveryMs,
      folder: this.#hasFindings ? this.#folder : null,
    };
  }

  async clear(): Promise<void> {
    for (const agent of this.#agents) agent.stop();
    this.#server.kill();
    await this.#server.gone;
    await this.#network.close();
    if (!this.#hasFindings) rmSync(this.#folder, { recursive: true });
  }

  #serveNetwork(): Promise<HookedNetwork> {
    return serveHookedNetwork(
      {
        numbers: [{ phoneNumber: NUMBER }],
        callsPerSecond: 1000,
        seed: this.#options.seed,
        timings: TIMINGS.brisk,
        people: {
          mix: {
            weights: { person: 82, machine: 4, busy: 6, noAnswer: 3, unreachable: 3, rejects: 2 },
            answerAfterMs: [10, 500],
            talkMs: [50, 2500],
            patienceMs: [300, 4000],
          },
        },
      },
      {
        reached: (moment, detail) => {
          if (moment !== 'webhook.leaves') this.#noteDurable();
          this.#executioner.reached(moment, detail);
        },
        losesCreate: () => this.#executioner.losesCreate(),
      },
    );
  }

  #agent(index: number): RobotAgent {
    return new RobotAgent({
      name: `Agent ${index + 1}`,
      url: this.#server.url,
      dials: NUMBER,
      handset: this.#network.network.handset(`+1315555${String(101 + index).padStart(4, '0')}`),
      random: this.#random.fork(`agent ${index}`),
      acks: this.#acks,
      heard: () => this.#noteDurable(),
      acknowledged: () => this.#executioner.reached('acknowledged', ''),
    });
  }

  /** Something has left the server: what it follows from must outlive a power failure from now on. */
  #noteDurable(): void {
    if (this.#options.powerCut) this.#acked = durablePoint(this.#store) ?? this.#acked;
  }

  #cutPower(): void {
    if (!this.#options.powerCut) return;
    this.#bytesCut += cutPower(this.#store, this.#acked, this.#random);
  }

  async #strike(point: KillPoint): Promise<KillPoint> {
    const striking = this.#executioner.strikeAt(point);
    const first = await Promise.race([striking, this.#server.gone.then(() => null)]);
    if (first === null) {
      // Its end may be heard before our own word that we struck.
      const late = await Promise.race([striking, sleep(100, null)]);
      if (late === null) throw new Error(`the server ended by itself:\n${this.#server.stderr}`);
    }
    await this.#server.gone;
    return striking;
  }

  async #killWhileStarting(): Promise<KillPoint> {
    await this.#strike('anyTime');
    this.#cutPower();
    const dying = setTimeout(() => this.#server.kill(), this.#random.int(0, 900));
    await this.#server.start();
    await this.#server.gone;
    clearTimeout(dying);
    return 'starting';
  }

  async #untilInformed(): Promise<boolean> {
    const until = Date.now() + INFORMED_WITHIN_MS;
    while (Date.now() < until) {
      if (this.#agents.every((agent) => agent.isInformed)) return true;
      await sleep(5);
    }
    return false;
  }
}

const isAtRest = (db: Parameters<typeof oneValue>[0]): boolean =>
  oneValue(db, 'SELECT count(*) FROM session WHERE closed_at IS NULL') === 0;

/** 555-01xx numbers in one area code after another, past the one of the account and its agents. */
function leads(count: number): Lead[] {
  return Array.from({ length: count }, (_, index) => {
    const areaCode = 201 + Math.floor(index / 100);
    const phone = PhoneNumber.parse(
      `+1${areaCode >= 315 ? areaCode + 1 : areaCode}55501${String(index % 100).padStart(2, '0')}`,
    );
    if (!phone) throw new Error('a lead of the torture has no number');
    return { leadId: `lead-${index}` as LeadId, name: `Lead ${index}`, phone, columns: {} };
  });
}
