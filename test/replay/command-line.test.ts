import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const FIRST_CALL = 'test/recordings/2019-first-call.txt';
const BUSY = 'test/recordings/busy-lead.ndjson';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'auto-connect-replay-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The program as a user starts it, from source. */
function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const options = { maxBuffer: 1 << 26, env: { ...process.env, NODE_NO_WARNINGS: '1' } };
    execFile(
      process.execPath,
      ['--import', 'tsx', 'src/main.ts', ...args],
      options,
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      },
    );
  });
}

test('replay prints the timeline, what differs and what is broken, and ends with 0 where ours is sound', async () => {
  const { code, stdout } = await run('replay', FIRST_CALL);
  expect(code).toBe(0);
  expect(stdout).toContain('7 of 7 requests recognised');
  expect(stdout).toContain('page: answered');
  expect(stdout).toMatch(/S6 +recorded/);
});

test('--json prints one object of the documented shape and nothing else', async () => {
  const { stdout } = await run('replay', FIRST_CALL, '--json');
  const verdict = JSON.parse(stdout) as Record<string, unknown>;
  expect(Object.keys(verdict)).toEqual([
    'recording',
    'requests',
    'recognised',
    'unrecognised',
    'sessions',
    'calls',
    'timeline',
    'differences',
    'breaks',
  ]);
});

test('a recording that no longer does what was accepted ends with 1 and says where', async () => {
  const copy = join(folder, 'busy.ndjson');
  await copyFile(BUSY, copy);
  await run('replay', copy, '--accept');
  expect((await run('replay', copy)).code).toBe(0);

  const expectation = join(folder, 'busy.expected.json');
  const accepted = await readFile(expectation, 'utf8');
  await writeFile(expectation, accepted.replaceAll('busy"', 'noAnswer"'));
  const { code, stderr } = await run('replay', copy);
  expect(code).toBe(1);
  expect(stderr).toContain(
    'notices was ["ended noAnswer","listFinished"], is ["ended busy","listFinished"]',
  );
});

test('a file that cannot be read ends with 3 and `file:line: reason`', async () => {
  const missing = await run('replay', join(folder, 'missing.ndjson'));
  expect([missing.code, missing.stderr]).toEqual([
    3,
    expect.stringMatching(/missing\.ndjson:1: cannot be read/),
  ]);
  const prose = join(folder, 'prose.txt');
  await writeFile(prose, 'nothing happened\n');
  expect(await run('replay', prose)).toMatchObject({
    code: 3,
    stderr: expect.stringContaining(`${prose}:1: `),
  });
});

test('what a raw log makes happen is not accepted before the log is safe', async () => {
  const raw = join(folder, 'raw.txt');
  const text = await readFile(FIRST_CALL, 'utf8');
  await writeFile(
    raw,
    text.replaceAll(/\+1\d{3}55501(\d\d)/g, `${['+1', '315', '867', '53'].join('')}$1`),
  );
  expect((await run('replay', raw)).code).toBe(0);
  expect(await run('replay', raw, '--accept')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('recording anonymise'),
  });
});

test('an unknown format is a usage error', async () => {
  expect((await run('replay', BUSY, '--format', 'pcap')).code).toBe(2);
});

test('recording anonymise writes a safe copy that replays', async () => {
  const copy = join(folder, 'safe.txt');
  expect((await run('recording', 'anonymise', FIRST_CALL, '-o', copy)).code).toBe(0);
  expect((await run('replay', copy)).code).toBe(0);
});

test('shrink prints a recording that replay reads', async () => {
  const { code, stdout } = await run('shrink', FIRST_CALL, '--keep', 'S6');
  expect(code).toBe(0);
  const small = join(folder, 'small.ndjson');
  await writeFile(small, stdout);
  expect((await run('replay', small)).stdout).toMatch(/S6 +recorded/);
  expect((await run('shrink', BUSY)).code).toBe(1);
});

/** A build that does as this one, but for an edit of what it prints. */
const program = (edit: string) =>
  `import { spawnSync } from 'node:child_process';
const { stdout } = spawnSync(process.execPath, ['--import', 'tsx', ${JSON.stringify(join(process.cwd(), 'src/main.ts'))}, ...process.argv.slice(2)], { encoding: 'utf8', cwd: ${JSON.stringify(process.cwd())} });
process.stdout.write(stdout${edit});`;

test('against an identical build no decision differs; against one that hangs up on the busy, those do', async () => {
  const twin = join(folder, 'twin');
  const main = join(twin, 'dist/src/main.js');
  await mkdir(join(twin, 'dist/src'), { recursive: true });
  await writeFile(main, program(''));
  expect(await run('replay', BUSY, '--against', twin)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Every decision is the same'),
  });

  await writeFile(main, program(`.replaceAll('"outcome":"busy"', '"outcome":"failed"')`));
  const { code, stdout } = await run('replay', BUSY, '--against', twin, '--json');
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ changed: [{ line: 10, kind: 'callStatus' }] });
});
