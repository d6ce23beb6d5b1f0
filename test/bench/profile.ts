/** Where the main thread's time goes under the requests of the row webhook: `npx tsx test/bench/profile.ts [sessions] [file.cpuprofile]`. */
import { writeFileSync } from 'node:fs';
import { pinDriver } from './contestant.ts';
import { inFolder } from './folder.ts';
import { closedLoop } from './load.ts';
import type { CpuProfile } from './profiler.ts';
import { autoConnect, CONNECTIONS, endAll } from './rows/turns.ts';

const SECONDS = 8;
const FUNCTIONS_SHOWN = 40;

/** Where a file belongs, first match wins. */
const AREAS: readonly (readonly [area: string, file: RegExp])[] = [
  ['actors (xstate, charts)', /xstate|machines\//],
  ['form (fast-querystring)', /querystring|formbody/],
  ['signature', /twilio\/signature|webhooks\/webhooks|scmp|internal\/crypto/],
  ['TwiML', /xmlbuilder|twiml/i],
  ['dialer', /src\/dialer|src\/domain/],
  ['journal', /src\/journal|internal\/worker|internal\/event_target|messageport/],
  ['routes, forms to words', /src\/http|src\/twilio/],
  ['watch', /src\/watch/],
  ['log', /pino|sonic-boom|src\/reports/],
  ['Fastify', /fastify|find-my-way|avvio|reusify/],
  ['Node: HTTP, streams, sockets', /^node:/],
];

pinDriver();
await inFolder(async (file) => {
  const sessions = Number(process.argv[2] ?? 100);
  const racer = await autoConnect('auto-connect', file('store.db'), sessions);
  const { port } = racer.contestant.ready;
  const load = { port, connections: CONNECTIONS, next: racer.next };
  await closedLoop({ ...load, seconds: 3 });
  racer.traffic.prepare(SECONDS * 8000);
  await racer.contestant.ask('startProfile');
  const cpuBefore = await racer.contestant.cpuUs();
  const { requests } = await closedLoop({ ...load, seconds: SECONDS });
  const cpuUs = (await racer.contestant.cpuUs()) - cpuBefore;
  const profile = await racer.contestant.ask<CpuProfile>('stopProfile');
  await endAll([racer]);
  const [, , , kept] = process.argv;
  if (kept) writeFileSync(kept, JSON.stringify(profile));
  print(profile, requests, cpuUs);
});

function print({ nodes, samples, timeDeltas }: CpuProfile, requests: number, cpuUs: number): void {
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const [areas, functions] = [new Map<string, number>(), new Map<string, number>()];
  let busyUs = 0;
  for (const [index, id] of samples.entries()) {
    const frame = byId.get(id);
    const us = timeDeltas[index] ?? 0;
    if (!frame || frame.functionName === '(idle)') continue;
    busyUs += us;
    const place = `${frame.functionName || '(anonymous)'} ${frame.url.split('/').slice(-3).join('/')}:${frame.lineNumber + 1}`;
    functions.set(place, (functions.get(place) ?? 0) + us);
    const area = areaOf(frame.url, frame.functionName);
    areas.set(area, (areas.get(area) ?? 0) + us);
  }
  const lines = (of: Map<string, number>, most: number): string[] =>
    [...of]
      .toSorted((a, b) => b[1] - a[1])
      .slice(0, most)
      .map(([name, us]) => {
        const share = ((us / busyUs) * 100).toFixed(1).padStart(5);
        return `${share} %  ${(us / requests).toFixed(1).padStart(6)} µs  ${name}`;
      });
  process.stdout.write(
    [
      `${requests} webhooks; main thread busy ${(busyUs / requests).toFixed(1)} µs each, all threads ${(cpuUs / requests).toFixed(1)} µs of CPU`,
      ...lines(areas, AREAS.length + 8),
      '',
      ...lines(functions, FUNCTIONS_SHOWN),
      '',
    ].join('\n'),
  );
}

function areaOf(url: string, name: string): string {
  if (url === '') return `native: ${name}`;
  return AREAS.find(([, file]) => file.test(url))?.[0] ?? 'other';
}
