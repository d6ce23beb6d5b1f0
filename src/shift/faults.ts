import type { FaultName, FaultRule } from '../simulator/faults.ts';
import type { Random } from '../simulator/random.ts';

export const FAULT_LEVELS = ['none', 'light', 'storm'] as const;
export type FaultLevel = (typeof FAULT_LEVELS)[number];

/** How often at most, in a storm: a share of the occasions. Some have a value, drawn from the seed too. */
interface NetworkKind {
  most: number;
  value?: readonly [min: number, max: number];
}

const NETWORK_KINDS: Partial<Record<FaultName, NetworkKind>> = {
  'create.delay': { most: 0.1, value: [500, 12_000] },
  'create.replyLost': { most: 0.05 },
  'create.requestLost': { most: 0.05 },
  'create.429': { most: 0.8 },
  'create.5xxAfterPlace': { most: 0.05 },
  'create.5xxBefore': { most: 0.05 },
  'create.error': { most: 0.02 },
  'status.drop': { most: 0.15 },
  'status.dup': { most: 0.15 },
  'status.reorder': { most: 0.15 },
  'status.delay': { most: 0.1, value: [500, 600_000] },
  'twiml.retry': { most: 0.1 },
  'twiml.slow': { most: 0.03, value: [2000, 16_000] },
  'twiml.replyLost': { most: 0.03 },
  'server.down': { most: 0.1 },
  'lead.hangup@answer': { most: 0.1 },
  'lead.hangup@queued': { most: 0.1 },
  'lead.hangup@whisper': { most: 0.1 },
  'lead.hangup@bridged': { most: 0.1, value: [0, 5000] },
  'agent.hangup@prompted': { most: 0.1 },
  'agent.hangup@waiting': { most: 0.01, value: [0, 30_000] },
  'agent.hangup@whisper': { most: 0.02 },
  'agent.hangup@bridged': { most: 0.02, value: [0, 5000] },
  'clock.skip': { most: 0.1 },
  'lead.machine': { most: 0.1 },
  'rest.429': { most: 0.1 },
  'rest.hang': { most: 0.03 },
  'rest.lag': { most: 0.2 },
  'answer.zero': { most: 0.05 },
  'url.beforeAnswered': { most: 0.3 },
  'whisper.delay': { most: 0.1, value: [500, 5000] },
  'hangup.latency': { most: 0.1, value: [500, 5000] },
};

/** What people do on a good day too: no fault, so it goes on when the faults have stopped. */
const PEOPLE: Partial<Record<FaultName, FaultRule>> = {
  'lead.hangup@ringing': { probability: 0.01 },
  'lead.hangup@answer': { probability: 0.005 },
  'lead.hangup@queued': { probability: 0.01 },
  'lead.hangup@whisper': { probability: 0.003 },
};

/** What goes wrong besides the network: times an hour at most, or a share of the occasions where it says so. */
const OWN_KINDS = {
  /** The process is killed, and recovers from what is durable. */
  'server.kill': 6,
  /** No request passes between server and Twilio, either way, for a while. */
  'line.cut': 4,
  /** Twilio answers no REST request and makes no webhook request, for a while. */
  'twilio.outage': 2,
  /** A page loses its connection; times an hour and agent. */
  'page.cut': 2,
  /** Share of the commits that take long. */
  'disk.slow': 0.1,
  /** Share of the answered TwiML requests that are made once more, later. */
  'request.again': 0.05,
} as const;
export type OwnKind = keyof typeof OWN_KINDS;

export type FaultKind = FaultName | OwnKind;

export const FAULT_KINDS = [
  ...Object.keys(NETWORK_KINDS),
  ...Object.keys(OWN_KINDS),
] as FaultKind[];

export interface FaultPlan {
  network: Partial<Record<FaultName, FaultRule>>;
  own: Partial<Record<OwnKind, number>>;
  /** The longest that a slow commit takes. */
  slowCommitMs: number;
}

const SHARE_OF_STORM: Record<FaultLevel, number> = { none: 0, light: 0.15, storm: 1 };
/** About so many kinds of faults are left out of a seed, so that others are seen alone. */
const ABSENT = 0.5;

/** Swarm style: each seed has its own rates, many of them zero. A kind that is left out by `only` shifts no other. */
export function drawFaults(
  level: FaultLevel,
  random: Random,
  only: readonly FaultKind[] | null,
): FaultPlan {
  const plan: FaultPlan = { network: {}, own: {}, slowCommitMs: random.int(50, 3000) };
  for (const kind of FAULT_KINDS) {
    const dice = random.fork(kind);
    const isAbsent = dice.chance(ABSENT);
    const rate = (dice.int(1, 100) / 100) * SHARE_OF_STORM[level];
    const network = NETWORK_KINDS[kind as FaultName];
    const value = network?.value && dice.within(network.value);
    if (isAbsent || rate === 0 || only?.includes(kind) === false) continue;
    if (network) {
      const probability = network.most * rate;
      plan.network[kind as FaultName] =
        value === undefined ? { probability } : { probability, value };
    } else plan.own[kind as OwnKind] = OWN_KINDS[kind as OwnKind] * rate;
  }
  return plan;
}

/** The rules for the network; people's own ways where no fault has others. */
export const withPeople = (rules: FaultPlan['network']): Record<string, FaultRule> => ({
  ...PEOPLE,
  ...rules,
});
