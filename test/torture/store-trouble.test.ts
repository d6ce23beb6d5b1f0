import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  mkdtempSync,
  openSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { expect, onTestFinished, test } from 'vitest';
import { fileURLToPath } from 'node:url';
import { PAGE_BYTES } from '../../src/journal/schema.ts';
import { openStore } from '../../src/journal/sqlite-store.ts';
import { ServerProcess } from '../../src/torture/server-process.ts';
import { AgentClient } from '../support/agent-client.ts';
import { lead } from '../support/product.ts';
import { freePort } from '../support/server-process.ts';

const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const folder = (): string => mkdtempSync(join(tmpdir(), 'auto-connect-trouble-'));

/** Root may write anywhere: what is refused is refused to an ordinary user. */
const ordinary = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

function serve(
  store: string,
  user: { uid?: number; gid?: number } = {},
): { code: number | null; stderr: string; stdout: string } {
  const { status, stderr, stdout } = spawnSync(process.execPath, [main, 'serve'], {
    env: { PATH: process.env['PATH'], PORT: '0', STORE: store, LOG_LEVEL: 'silent' },
    encoding: 'utf8',
    timeout: 60_000,
    ...user,
  });
  return { code: status, stderr, stdout };
}

test('a second server on the same file is refused with the pid of the first', async () => {
  const store = join(folder(), 'store.db');
  const first = spawn(process.execPath, [main, 'serve'], {
    env: { PATH: process.env['PATH'], PORT: '0', STORE: store },
  });
  onTestFinished(() => void first.kill('SIGKILL'));
  await new Promise((resolve) => first.stdout.once('data', resolve));
  const { code, stderr, stdout } = serve(store);
  expect(stderr).toContain(`in use by process ${first.pid}`);
  expect([code, stdout]).toEqual([6, '']);
});

test('a foreign file, one of a newer release and one that is no database are named, with what to do', async () => {
  const foreign = join(folder(), 'foreign.db');
  const other = new Database(foreign);
  other.exec('CREATE TABLE recipe (name TEXT)');
  other.close();
  expect(serve(foreign)).toMatchObject({
    code: 6,
    stderr: expect.stringContaining('another program'),
  });

  const future = join(folder(), 'future.db');
  await (await openStore(future)).close();
  const newer = new Database(future);
  newer.exec('PRAGMA user_version = 99');
  newer.close();
  expect(serve(future)).toMatchObject({ code: 6, stderr: expect.stringContaining('version 99') });

  const text = join(folder(), 'letter.db');
  writeFileSync(text, 'Dear operator, this is no database at all. '.repeat(50));
  expect(serve(text)).toMatchObject({
    code: 6,
    stderr: expect.stringContaining('name another file'),
  });
});

test('a folder and a file that may not be written are named, with what to do', async () => {
  const closed = folder();
  chmodSync(closed, 0o555);
  const refused = { code: 6, stderr: expect.stringMatching(/may not be written.*; give the user/) };
  expect(serve(join(closed, 'store.db'), ordinary)).toMatchObject(refused);

  const open = folder();
  chmodSync(open, 0o777);
  const store = join(open, 'store.db');
  await (await openStore(store)).close();
  chmodSync(store, 0o444);
  expect(serve(store, ordinary)).toMatchObject(refused);
});

test('a folder that cannot be made is told at once, whatever the file system says', () => {
  const inFile = join(folder(), 'letter');
  writeFileSync(inFile, '');
  const nowhere = { code: 6, stderr: expect.stringContaining('; check the path') };
  expect(serve(join(inFile, 'deeper', 'store.db'))).toMatchObject(nowhere);
  // Linux: takes no folders, and says that they do not exist.
  expect(serve('/proc/nowhere/store.db')).toMatchObject(nowhere);
});

test('a store that can no longer be read ends the running server with 6 and the remedy', async () => {
  const store = join(folder(), 'store.db');
  const made = await openStore(store);
  const columns = { notes: 'x'.repeat(1000) };
  // Far more than SQLite keeps in memory of a file: what is asked for must come from the disk.
  await made.leads.add(Array.from({ length: 20_000 }, (_, index) => ({ ...lead(index), columns })));
  await made.close();
  const server = new ServerProcess({ port: await freePort(), main, env: { STORE: store } });
  onTestFinished(() => server.kill());
  await server.start();
  const page = await AgentClient.open(server.url);
  onTestFinished(() => page.close());
  await page.request('agent.signIn', { name: 'Grace' });
  const [first, { size }] = [100 * PAGE_BYTES, statSync(store)];
  const file = openSync(store, 'r+');
  writeSync(file, Buffer.alloc(size - first, 0xaa), 0, size - first, first);
  closeSync(file);
  const query = { search: 'nobody', state: null, offset: 0, limit: 10 };
  await page.request('leads.page', query).catch(() => {});
  expect(await server.gone).toBe(6);
  expect(server.stderr).toContain('journal repair');
});

test('SIGTERM ends an idle server with 0', async () => {
  const store = join(folder(), 'store.db');
  const server = new ServerProcess({ port: await freePort(), main, env: { STORE: store } });
  onTestFinished(() => server.kill());
  await server.start();
  server.terminate();
  expect(await server.gone).toBe(0);
});
