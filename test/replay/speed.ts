/** Replayed webhooks a second, with every check: `npx tsx test/replay/speed.ts [webhooks]`. */
import { interpret } from '../../src/replay/interpret.ts';
import { readRecording } from '../../src/replay/read-recording.ts';
import type { RecordedEntry, Recording } from '../../src/replay/recording.ts';
import { replay } from '../../src/replay/replayer.ts';
import { judge } from '../../src/replay/verdict.ts';

const WANTED = Number(process.argv[2] ?? 100_000);
/** Time between two shifts, in milliseconds: each is over before the next begins. */
const APART_MS = 60_000;

const source = await readRecording('test/recordings/agent-signs-out-in-the-talk.ndjson');
const webhooks = source.entries.filter((entry) => entry.kind === 'request').length;
const copies = Math.ceil(WANTED / webhooks);
const large: Recording = {
  ...source,
  entries: Array.from({ length: copies }, (_, copy) =>
    source.entries.map((entry) => moved(entry, copy)),
  ).flat(),
};
await judge(source); // Warm.

const [verdict, judgeMs] = await timed(() => judge(large));
const script = interpret(large);
const [, replayMs] = await timed(() => replay(script));
const perSecond = (ms: number): string =>
  Math.round((verdict.requests / ms) * 1000).toLocaleString('en');
process.stdout.write(
  `${verdict.requests} webhooks of ${copies} sessions: ${perSecond(replayMs)} a second through the machines, ` +
    `${perSecond(judgeMs)} a second with differences and invariants (${Math.round(judgeMs)} ms)\n` +
    `breaks: ${verdict.breaks.length}, differences: ${verdict.differences.length}\n`,
);

async function timed<T>(run: () => Promise<T>): Promise<[T, number]> {
  const start = performance.now();
  const result = await run();
  return [result, performance.now() - start];
}

/** The same shift, later, by other ids. */
function moved(entry: RecordedEntry, copy: number): RecordedEntry {
  const mark = String(copy).padStart(6, '0');
  const text = JSON.stringify({ ...entry, at: entry.at + copy * APART_MS })
    .replaceAll(/(session-|call-)0{6}/g, `$1${mark}`)
    .replaceAll(/(CA|QU)0{6}/g, `$1${mark}`)
    .replaceAll(/"9586\d\d"/g, `"${100_000 + copy}"`)
    .replaceAll('-4000-8000-', `-${mark.slice(0, 4)}-${mark.slice(2)}-`)
    .replaceAll('"agent-', `"agent-${mark}-`);
  return { ...(JSON.parse(text) as RecordedEntry), line: entry.line + copy * 1000 };
}
