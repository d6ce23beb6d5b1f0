/** What a webhook costs and waits at even rates: `npx tsx test/bench/rates.ts [sessions]`, after `npm run bench` has built. */
import { pinDriver } from './contestant.ts';
import { inFolder } from './folder.ts';
import { closedLoop, openLoop } from './load.ts';
import { autoConnect, CONNECTIONS, endAll } from './rows/turns.ts';

const RATES = [300, 1000, 3000, 5000, 7300];
const SECONDS = 4;
/** What is signed ahead for the warm-up: more than is answered meanwhile. */
const WARM_UP = 60_000;

pinDriver();
await inFolder(async (file) => {
  const racer = await autoConnect('auto-connect', file('store.db'), Number(process.argv[2] ?? 1));
  const { contestant, traffic, next } = racer;
  const load = { port: contestant.ready.port, connections: CONNECTIONS, seconds: SECONDS, next };
  traffic.prepare(WARM_UP);
  await closedLoop(load);
  for (const perSecond of RATES) {
    traffic.prepare(perSecond * SECONDS);
    const before = await contestant.cpuUs();
    const { requests, p50Ms, p99Ms } = await openLoop({ ...load, perSecond });
    const cpuUs = ((await contestant.cpuUs()) - before) / requests;
    const core = (cpuUs * perSecond) / 1e6;
    process.stdout.write(
      `${perSecond}/s: ${cpuUs.toFixed(0)} µs of CPU each, ${core.toFixed(2)} of the core; p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(1)} ms\n`,
    );
  }
  await endAll([racer]);
});
