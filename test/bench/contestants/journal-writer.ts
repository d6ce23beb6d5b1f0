import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import type { CallId, SessionId } from '../../../src/domain/ids.ts';
import { built } from '../built.ts';
import { contest, givenArgument } from '../contestant.ts';
import { percentile } from '../result.ts';

const { openStore } =
  await built<typeof import('../../../src/journal/sqlite-store.ts')>('journal/sqlite-store');

const { storePath } = givenArgument() as { storePath: string };
const store = await openStore(storePath);
const sessionId = 'b'.repeat(22) as SessionId;
const EVERY_MS = 5;
/** The monitor's own timer, which its figures contain. */
const RESOLUTION_MS = 1;

contest(null, {
  write: async ({ perSecond, seconds }: { perSecond: number; seconds: number }) => {
    const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    const waits: number[] = [];
    const writes: Promise<void>[] = [];
    const startedAt = performance.now();
    delay.enable();
    for (let seq = 0; seq < perSecond * seconds;) {
      const due = Math.floor(((performance.now() - startedAt) * perSecond) / 1000);
      for (; seq < due; seq++) writes.push(append(seq, waits));
      await wait(EVERY_MS);
    }
    delay.disable();
    await Promise.all(writes);
    waits.sort((a, b) => a - b);
    const beyond = (share: number): number =>
      Math.max(0, delay.percentile(share) / 1e6 - RESOLUTION_MS);
    return { p50Ms: beyond(50), p99Ms: beyond(99), ackP99Ms: percentile(waits, 0.99) };
  },
});

async function append(seq: number, waits: number[]): Promise<void> {
  const startedAt = performance.now();
  store.journal.append({
    kind: 'event',
    sessionId,
    seq,
    at: 1_700_000_000_000 + seq,
    event: {
      type: 'agent.dispose',
      callId: 'c'.repeat(22) as CallId,
      disposition: 'interested',
      notes: 'x'.repeat(900),
    },
  });
  await store.journal.flush();
  waits.push(performance.now() - startedAt);
}
