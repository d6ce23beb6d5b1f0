import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PlantedBug } from './planted-bug.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** What runs without the page: the product's source, its charts and what they are compiled with. */
const COPIED = ['src', 'machines', 'package.json', 'tsconfig.json'];

/** Each tool must do in this time; the explorer takes seconds, a thousand seeds take minutes. */
const TOOL_WITHIN_MS = 10 * 60_000;
const SEEDS = 1000;
/** A small floor for a short while: many seeds tell more than long shifts. */
const SHIFT = ['--agents', '3', '--hours', '0.25', '--faults', 'storm'];
/** docs/operations.md: a check failed. */
const EXIT_CHECK_FAILED = 1;

export type Tool = 'explorer' | 'seeds';

/** What came of one bug: caught, or why not. */
export type Catch =
  | { kind: 'caught'; tool: Tool; after: number; invariant: string }
  | { kind: 'missed'; reason: string };

/** Runs the tools on a copy of the source with this bug planted: the explorer first, then the seeds. */
export async function hunt(bug: Pick<PlantedBug, 'explore' | 'simulate' | 'file'>): Promise<Catch> {
  return inCopy(async (copy) => {
    const refused = await plant(copy, bug.file);
    if (refused) return { kind: 'missed', reason: `the patch does not apply: ${refused}` };
    const explored = bug.explore && (await explore(copy, bug.explore));
    if (explored?.kind === 'caught') return explored;
    const simulated = await simulateBoth(copy, bug.simulate);
    if (simulated.kind === 'caught' || !explored) return simulated;
    return { kind: 'missed', reason: `${explored.reason}; ${simulated.reason}` };
  });
}

/** The same exploration of the source as it is, which must find nothing. */
export async function huntUnchanged({ explore: args }: PlantedBug): Promise<Catch> {
  return inCopy((copy) => explore(copy, args ?? []));
}

/** The bugs that the source as it is has no place for: the code has moved on, and nobody would notice before the next hunt. */
export async function unplantable(bugs: readonly PlantedBug[]): Promise<string[]> {
  return inCopy(async (copy) => {
    const refused: string[] = [];
    for (const { name, file } of bugs) {
      const reason = await plant(copy, file, '--check');
      if (reason) refused.push(`${name}: ${reason}`);
    }
    return refused;
  });
}

async function inCopy<Found>(work: (copy: string) => Promise<Found>): Promise<Found> {
  const copy = mkdtempSync(join(tmpdir(), 'planted-bug-'));
  try {
    copySource(copy);
    return await work(copy);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function copySource(copy: string): void {
  for (const name of COPIED) {
    cpSync(join(ROOT, name), join(copy, name), {
      recursive: true,
      filter: (path) => !path.startsWith(join(ROOT, 'src/web')),
    });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
}

async function plant(copy: string, patch: string, ...flags: string[]): Promise<string | null> {
  // Outside of any repository, or git would take the paths for those of the one around it.
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: tmpdir() };
  const { exitCode, stderr } = await run('git', ['apply', ...flags, patch], copy, env);
  return exitCode === 0 ? null : (stderr.split('\n', 1)[0] ?? '');
}

async function explore(copy: string, args: readonly string[]): Promise<Catch> {
  const ran = await command(copy, ['explore', ...args, '--json']);
  const found = ran.json as Explored | null;
  if (ran.exitCode === 0 && found) {
    const how = found.isComplete ? 'every one' : 'not complete';
    return { kind: 'missed', reason: `nothing in ${found.states} states, ${how}` };
  }
  const broken = found?.violations[0]?.broken[0];
  if (ran.exitCode !== EXIT_CHECK_FAILED || !found || !broken) return failed('explore', ran);
  return { kind: 'caught', tool: 'explorer', after: found.states, invariant: broken };
}

/** A seed that breaks the source as it is, too, has caught nothing. */
async function simulateBoth(copy: string, args: readonly string[]): Promise<Catch> {
  const found = await simulate(copy, args);
  if (found.kind === 'missed') return found;
  const again = [...args, '--seed', `${found.after}`, '--seeds', '1'];
  const unchanged = await inCopy((sound) => simulate(sound, again));
  if (unchanged.kind === 'missed') return found;
  const reason = `seed ${found.after} breaks the unchanged source too: ${unchanged.invariant}`;
  return { kind: 'missed', reason };
}

async function simulate(copy: string, args: readonly string[]): Promise<Catch> {
  const ran = await command(copy, ['simulate', '--seeds', `${SEEDS}`, ...SHIFT, ...args, '--json']);
  const found = ran.json as Simulated | null;
  if (ran.exitCode === 0 && found) {
    return { kind: 'missed', reason: `nothing in ${found.seeds} seeds` };
  }
  if (ran.exitCode !== EXIT_CHECK_FAILED || !found?.failure) return failed('simulate', ran);
  const { invariant, detail } = found.failure;
  return {
    kind: 'caught',
    tool: 'seeds',
    after: found.seeds,
    invariant: `${invariant}: ${detail}`,
  };
}

interface Explored {
  states: number;
  isComplete: boolean;
  violations: { broken: string[] }[];
}

interface Simulated {
  /** Seeds run, the failing one included. */
  seeds: number;
  failure: { invariant: string; detail: string } | null;
}

interface Ran {
  exitCode: number | null;
  stderr: string;
  json: unknown;
}

/** A tool that breaks down has caught nothing. */
function failed(name: string, { exitCode, stderr }: Ran): Catch {
  const last = stderr.trim().split('\n').at(-1) ?? '';
  return { kind: 'missed', reason: `${name} ended with exit code ${exitCode}: ${last}` };
}

/** One of our commands, from source: quicker than compiling first (0.6 s against 3 s). */
async function command(copy: string, args: readonly string[]): Promise<Ran> {
  const { exitCode, stdout, stderr } = await run(
    process.execPath,
    ['--import', 'tsx', 'src/main.ts', ...args],
    copy,
    process.env,
  );
  let json: unknown = null;
  try {
    json = JSON.parse(stdout);
  } catch {
    // Then it has said in stderr what is wrong.
  }
  return { exitCode, stderr, json };
}

function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<{ exitCode: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      args,
      { cwd, env, timeout: TOOL_WITHIN_MS, maxBuffer: 256 * 1024 * 1024 },
      (_error, stdout, stderr) => resolve({ exitCode: child.exitCode, stdout, stderr }),
    );
  });
}
