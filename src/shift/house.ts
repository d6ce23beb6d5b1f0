import { readConfig, type Config } from '../config.ts';
import type { PeopleMix } from '../simulator/people.ts';
import type { Random } from '../simulator/random.ts';
import type { FaultLevel } from './faults.ts';

/** What differs from floor to floor, besides faults. */
export interface House {
  /** Who is too late rings on as long as 16 CFR 310.4(b)(4)(ii) wants. */
  ringsOut: boolean;
  /** The list is finished again and again, and is added to. */
  hasShortLists: boolean;
}

const SHARE = { ringsOut: 0.25, hasShortLists: 0.25 };

/** On a good day (`none`) all floors are alike, so that they can be compared. */
export function drawHouse(level: FaultLevel, random: Random): House {
  const isGoodDay = level === 'none';
  return {
    ringsOut: random.chance(SHARE.ringsOut) && !isGoodDay,
    hasShortLists: random.chance(SHARE.hasShortLists) && !isGoodDay,
  };
}

export const configOf = ({ ringsOut }: House): Config =>
  readConfig({
    CALLS_PER_SECOND: '200',
    LINES: '2',
    LOG_LEVEL: 'silent',
    ...(ringsOut && { RING_AT_LEAST_SECONDS: '15' }),
  });

/** Those who are called. */
export const PEOPLE = {
  mix: {
    weights: { person: 48, machine: 12, noAnswer: 25, busy: 8, unreachable: 4, rejects: 3 },
    answerAfterMs: [2000, 12_000],
    talkMs: [20_000, 180_000],
    patienceMs: [15_000, 40_000],
  },
} satisfies { mix: Partial<PeopleMix> };
