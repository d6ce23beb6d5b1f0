import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { torture } from '../../src/torture/torture.ts';

const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

test.for([
  { kills: 18, powerCut: false, seed: 20 },
  { kills: 7, powerCut: true, seed: 21 },
])(
  'killed $kills times (power cut: $powerCut): nothing acknowledged is lost, nobody is rung twice, nothing is left behind',
  { timeout: 300_000 },
  async ({ kills, powerCut, seed }) => {
    const result = await torture({ kills, seed, agents: 4, powerCut, main });
    expect(result.lost).toEqual([]);
    expect(result.secondDials).toEqual([]);
    expect(result.stuckCalls).toEqual([]);
    expect(result.orphanLegs).toEqual([]);
    expect(result.recoveryMs).toHaveLength(kills);
    // Otherwise nothing was tortured.
    expect(result.acknowledged).toBeGreaterThan(20);
    expect(result.talks).toBeGreaterThan(0);
  },
);
