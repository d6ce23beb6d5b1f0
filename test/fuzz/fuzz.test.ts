import { expect, test } from 'vitest';
import { frameFuzz } from './frame-fuzz.ts';
import { fuzz, type FuzzResult } from './fuzz.ts';
import { twimlFuzz } from './twiml-fuzz.ts';
import { webhookFuzz } from './webhook-fuzz.ts';

const HEAP_GROWTH_AT_MOST = 20 * 1024 * 1024;

function verdict({ failure, count, heapGrowthBytes }: FuzzResult) {
  return { failure, count, hasLeaked: heapGrowthBytes > HEAP_GROWTH_AT_MOST };
}

const sound = (count: number) => ({ failure: null, count, hasLeaked: false });

test('30,000 webhook bodies, true, odd and forged: each gets its documented answer', async () => {
  const result = await fuzz(webhookFuzz, { count: 30_000, seed: 1 });
  expect(verdict(result)).toEqual(sound(30_000));
}, 300_000);

test('10,000 frames of pages: each is answered once or closes the page by name', async () => {
  const result = await fuzz(frameFuzz, { count: 10_000, seed: 1 });
  expect(verdict(result)).toEqual(sound(10_000));
}, 300_000);

test('10,000 TwiML texts: ours are accepted without a warning, others break nothing', async () => {
  const result = await fuzz(twimlFuzz, { count: 10_000, seed: 1 });
  expect(verdict(result)).toEqual(sound(10_000));
}, 300_000);
