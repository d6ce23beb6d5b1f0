import { accessSync, constants } from 'node:fs';
import { mkdir, rmdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium, type Browser } from 'playwright-core';

const SYSTEM_NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Not the package's own arguments: with those, repeated launches hang. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
];

/** A headless Chromium: `CHROMIUM_PATH`, else one on the PATH, else the one that npm has brought. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM_PATH'] ?? onPath() ?? (await fromNpm());
  return chromium.launch({ executablePath, args: ARGS });
}

function onPath(): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = SYSTEM_NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return candidates.find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there, or not for us: the next candidate.
    return false;
  }
}

async function fromNpm(): Promise<string> {
  // Read while the package is being imported: it then unpacks the NSS libraries that a bare machine lacks.
  process.env['AWS_LAMBDA_JS_RUNTIME'] ??= 'nodejs20.x';
  const { default: sparticuz } = await import('@sparticuz/chromium');
  return oneAtATime(() => sparticuz.executablePath());
}

const UNPACK_LOCK = join(tmpdir(), 'auto-connect-chromium.lock');
/** Unpacking takes 2 s; a lock as old as this belongs to a process that was killed. */
const STALE_LOCK_MS = 60_000;

/** The package unpacks in place: a second test process would start a half-written file. */
async function oneAtATime<T>(unpack: () => Promise<T>): Promise<T> {
  while (!(await takeLock())) await delay(50);
  try {
    return await unpack();
  } finally {
    await rmdir(UNPACK_LOCK);
  }
}

async function takeLock(): Promise<boolean> {
  try {
    await mkdir(UNPACK_LOCK);
    return true;
  } catch {
    // Somebody else is unpacking, or was.
    const lock = await stat(UNPACK_LOCK).catch(() => null);
    if (lock !== null && Date.now() - lock.mtimeMs > STALE_LOCK_MS) {
      await rmdir(UNPACK_LOCK).catch(() => {});
    }
    return false;
  }
}
