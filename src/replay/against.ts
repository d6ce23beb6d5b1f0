import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { RecordingError } from './recording.ts';
import { toJson, type Verdict } from './verdict.ts';

const run = promisify(execFile);
/** A timeline of 100,000 requests is some 60 MB of JSON. */
const OUTPUT_BYTES_MAX = 1 << 29;

/** A decision that another build takes otherwise. */
export interface ChangedDecision {
  recording: string;
  line: number;
  at: string;
  callSid: string | null;
  kind: string;
  there: string;
  here: string;
}

/** Another build of this program, ready to replay. */
export interface OtherBuild {
  /** The verdict's JSON, by that build. */
  replay(file: string): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

/** A folder with a build or a checkout in it, or a git revision of this repository, which is unpacked beside it. */
export async function otherBuild(name: string, root: string): Promise<OtherBuild> {
  if (existsSync(name)) return { replay: replayIn(resolve(name)), close: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), 'auto-connect-against-'));
  try {
    const archive = join(folder, 'revision.tar');
    await run('git', ['-C', root, 'archive', '--output', archive, `${name}^{commit}`]);
    await run('tar', ['-xf', archive, '-C', folder]);
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw new RecordingError(
      name,
      1,
      `is neither a folder nor a git revision (${firstLine(error)})`,
    );
  }
  return { replay: replayIn(folder), close: () => rm(folder, { recursive: true, force: true }) };
}

function replayIn(folder: string): OtherBuild['replay'] {
  const source = join(folder, 'src/main.ts');
  const program = existsSync(source)
    ? ['--import', 'tsx', source]
    : [join(folder, 'dist/src/main.js')];
  return async (file) => {
    const args = [...program, 'replay', resolve(file), '--json'];
    const options = { cwd: folder, maxBuffer: OUTPUT_BYTES_MAX };
    const stdout = await run(process.execPath, args, options).then(
      (done) => done.stdout,
      (error: unknown) => outputOf(error),
    );
    try {
      return JSON.parse(stdout) as Record<string, unknown>;
    } catch {
      throw new RecordingError(folder, 1, 'has no `replay --json` that could be run');
    }
  };
}

/** A replay that found something ends with code 1 and has still printed its verdict. */
function outputOf(error: unknown): string {
  const stdout = error instanceof Error ? Reflect.get(error, 'stdout') : undefined;
  return typeof stdout === 'string' ? stdout : '';
}

const firstLine = (error: unknown): string => {
  const stderr = error instanceof Error ? Reflect.get(error, 'stderr') : undefined;
  return (
    (typeof stderr === 'string' && stderr !== '' ? stderr : String(error))
      .trim()
      .split('\n', 1)[0] ?? ''
  );
};

/** Every request whose answer, states or notices are not the same in both builds. */
export function changedDecisions(
  verdict: Verdict,
  there: Record<string, unknown>,
): ChangedDecision[] {
  const here = rowsOf(toJson(verdict)['timeline']);
  const other = rowsOf(there['timeline']);
  const lines = [...new Set([...here.keys(), ...other.keys()])].toSorted((a, b) => a - b);
  return lines.flatMap((line) => {
    const [mine, theirs] = [here.get(line), other.get(line)];
    const [now, before] = [decided(mine), decided(theirs)];
    if (now === before) return [];
    const row = mine ?? theirs;
    return {
      recording: verdict.recording,
      line,
      at: row?.at ?? '',
      callSid: row?.callSid ?? null,
      kind: row?.kind ?? '',
      there: before,
      here: now,
    };
  });
}

interface JsonRow {
  line: number;
  at: string;
  kind: string;
  callSid: string | null;
  plan: string | null;
  session: { after: string } | null;
  call: { after: string } | null;
  notices: { type: string; outcome: string | null }[];
  orders: string[];
}

function rowsOf(timeline: unknown): Map<number, JsonRow> {
  const rows = Array.isArray(timeline) ? (timeline as JsonRow[]) : [];
  return new Map(rows.filter((row) => row.line > 0).map((row) => [row.line, row]));
}

function decided(row: JsonRow | undefined): string {
  if (!row) return 'no such request';
  const told = row.notices.map(
    ({ type, outcome }) => `page: ${type}${outcome ? ` ${outcome}` : ''}`,
  );
  const states = [
    row.session && `session ${row.session.after}`,
    row.call && `call ${row.call.after}`,
  ];
  return [row.plan && `TwiML ${row.plan}`, ...states, ...told, ...row.orders]
    .filter(Boolean)
    .join('; ');
}
