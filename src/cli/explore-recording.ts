import { exploreRecording, type OrdersExplored } from '../explorer/recorded-orders.ts';
import { readRecording } from '../replay/read-recording.ts';
import { rowLines } from '../replay/timeline-text.ts';
import { rowToJson } from '../replay/verdict.ts';

/** A state costs about 10 ms: this many take about a minute. */
export const RECORDED_STATES_AT_MOST = 5000;

/** Every order of a file's events; whether none of them broke an invariant. */
export async function exploreFile(
  file: string,
  { statesAtMost, json }: { statesAtMost: number; json: boolean },
): Promise<boolean> {
  const found = await exploreRecording(await readRecording(file), statesAtMost);
  process.stdout.write(`${json ? asJson(found) : asText(found)}\n`);
  return found.violations.length === 0;
}

function asText(found: OrdersExplored): string {
  const { recording, orders, states, replays, seconds, isComplete, depth, events } = found;
  const [first] = found.violations;
  const isStopped = first === undefined && !isComplete;
  return [
    `${recording}: orders tried ${orders.toLocaleString('en')}, distinct states ${states}, ` +
      `${replays} replays, ${seconds.toFixed(1)} s` +
      (isStopped ? `, not complete: every order of the first ${depth} of ${events} events` : ''),
    `violations ${found.violations.length}`,
    ...(first ? ['', ...first.broken, '', ...first.rows.flatMap(numbered)] : []),
  ].join('\n');
}

const numbered = (row: OrdersExplored['violations'][number]['rows'][number], index: number) =>
  rowLines(row).map(
    (line, part) => (part === 0 ? `${String(index + 1).padStart(3)}. ` : '     ') + line,
  );

const asJson = ({ violations, ...found }: OrdersExplored): string =>
  JSON.stringify({
    ...found,
    violations: violations.map(({ broken, rows }) => ({ broken, timeline: rows.map(rowToJson) })),
  });
