import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onAllCores } from '../contestant.ts';
import { reasonOf } from '../failure.ts';
import { atLeast, atMost, spread, type Row } from '../result.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** What a script of ours prints, run by itself. */
function run(script: string, ...args: string[]): Promise<string> {
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], { cwd: ROOT });
  onAllCores(child.pid);
  let [out, errors] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('exit', (code) =>
      code === 0
        ? resolve(out)
        : reject(new Error(`${script} ended with ${code}: ${reasonOf(errors)}`)),
    );
  });
}

const times = async <T>(count: number, make: () => Promise<T>): Promise<T[]> => {
  const made: T[] = [];
  while (made.length < count) made.push(await make());
  return made;
};

function readSpeed(text: string): { machines: number; judged: number } {
  const found = /([\d,]+) a second through the machines, ([\d,]+) a second/.exec(text);
  if (!found) throw new Error(`test/replay/speed.ts prints something else: ${text}`);
  const number = (at: number) => Number(found[at]?.replaceAll(',', ''));
  return { machines: number(1), judged: number(2) };
}

/** Recorded webhooks through the machines. */
export const replay: Row = {
  name: 'replay',
  async run(effort) {
    const webhooks = effort.isQuick ? 10_000 : 100_000;
    const runs = await times(effort.isQuick ? 1 : 3, async () =>
      readSpeed(await run('test/replay/speed.ts', `${webhooks}`)),
    );
    const machines = spread(runs.map((each) => each.machines));
    return {
      row: 'replay',
      notes: [
        `${webhooks.toLocaleString('en')} webhooks of one recorded shift, over and over with other ids.`,
      ],
      lines: [
        { contestant: 'through the machines', figures: { 'webhooks/s': machines } },
        {
          contestant: 'with differences and invariants',
          figures: { 'webhooks/s': spread(runs.map((each) => each.judged)) },
        },
      ],
      aims: [atLeast('≥ 50,000 webhooks/s', 50_000, machines)],
    };
  },
};

/** The simulated network on its virtual clock. */
export const network: Row = {
  name: 'network',
  async run(effort) {
    const [agents, hours] = effort.isQuick ? [20, 1] : [200, 8];
    const { webhooksPerSecond, wallSeconds, webhooks } = JSON.parse(
      await run('test/bench/network.ts', `${agents}`, `${hours}`),
    ) as { webhooksPerSecond: number; wallSeconds: number; webhooks: number };
    const [rate, seconds] = [spread([webhooksPerSecond]), spread([wallSeconds])];
    return {
      row: 'network',
      notes: [
        `${agents} agents for ${hours} h, ${webhooks.toLocaleString('en')} webhooks, one run.`,
      ],
      lines: [
        { contestant: 'simulated network', figures: { 'webhooks/s': rate, seconds: seconds } },
      ],
      aims: [
        atLeast('≥ 20,000 webhooks/s', 20_000, rate),
        atMost(`${agents} agents × ${hours} h ≤ 60 s`, 60, seconds),
      ],
    };
  },
};

/** A file of leads into the store. */
export const leadImport: Row = {
  name: 'import',
  async run(effort) {
    const rows = effort.isQuick ? 10_000 : 100_000;
    const text = await run('test/bench/import.ts', `${rows}`);
    const taken = ['read, normalise, compare', 'into the store'].map((step) => {
      const found = new RegExp(`${step} +([\\d.]+) s`).exec(text);
      if (!found) throw new Error(`test/bench/import.ts prints something else: ${text}`);
      return Number(found[1]);
    });
    const [read = Number.NaN, stored = Number.NaN] = taken;
    const whole = spread([read + stored]);
    return {
      row: 'import',
      notes: [`${rows.toLocaleString('en')} rows of CSV with five columns, one run.`],
      lines: [
        {
          contestant: 'import',
          figures: { 's to read': spread([read]), 's to store': spread([stored]), s: whole },
        },
      ],
      aims: [atMost(`${rows.toLocaleString('en')} rows ≤ 10 s`, 10, whole)],
    };
  },
};
