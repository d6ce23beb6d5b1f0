import { afterEach, expect, test, vi } from 'vitest';
import { realClock } from '../src/real-world.ts';

afterEach(() => void vi.restoreAllMocks());

test.for([
  ['back', -3_600_000],
  ['ahead', 3_600_000],
] as const)('a system clock that is set %s by an hour moves no deadline', async ([, byMs]) => {
  const before = realClock.now();
  const fired = new Promise<void>((resolve) => void realClock.wakeAt(before + 50, resolve));
  const system = Date.now;
  vi.spyOn(Date, 'now').mockImplementation(() => system() + byMs);
  const kept = setInterval(() => {}, 1000); // The clock's own timers keep no process alive.
  await fired;
  await new Promise<void>((resolve) => void realClock.wakeAt(realClock.now() + 20, resolve));
  clearInterval(kept);
  expect(realClock.now() - before).toBeGreaterThanOrEqual(50);
  expect(realClock.now() - before).toBeLessThan(600_000);
});

test('time goes on from where a journal says that it has been', () => {
  const later = realClock.now() + 5000;
  realClock.notBefore(later);
  expect(realClock.now()).toBeGreaterThanOrEqual(later);
  realClock.notBefore(later - 60_000);
  expect(realClock.now()).toBeGreaterThanOrEqual(later);
});
