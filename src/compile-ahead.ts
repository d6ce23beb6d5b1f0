// The last step of a build: runs the server until it has answered a webhook, and keeps what V8 has compiled for that.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CompiledModules } from './compiled-modules.ts';
import { SIMULATED_ACCOUNT } from './simulator/options.ts';
import { signature } from './simulator/signature.ts';
import { paths } from './twilio/paths.ts';

const WITHIN_MS = 30_000;

/** Starts `serve` in this process, on the simulated network whatever is configured; resolves with where it is. */
async function serve(modules: CompiledModules, store: string): Promise<string> {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, { PORT: '0', STORE: store });
  process.argv = [process.execPath, 'main.js', 'serve'];
  const greeting = new Promise<string>((resolve) => {
    process.stdout.write = (text) => {
      resolve(String(text));
      return true;
    };
  });
  modules.require('./program.js');
  const url = /http:\S+/.exec(await greeting)?.[0];
  if (url === undefined) throw new Error('the server did not say where it is');
  return url;
}

/** An agent's phone, as Twilio tells of it. */
async function phone(base: string): Promise<void> {
  const url = new URL(paths.consume(), base).href;
  const { accountSid: AccountSid, authToken } = SIMULATED_ACCOUNT;
  const form: Record<string, string> = {
    AccountSid,
    CallSid: `CA${'0'.repeat(32)}`,
    CallStatus: 'ringing',
    From: '+13155550199',
    To: '+13155550100',
  };
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'x-twilio-signature': signature(authToken, url, Object.entries(form)) },
    body: new URLSearchParams(form),
  });
  if (answer.status !== 200) throw new Error(`the webhook was answered with ${answer.status}`);
}

async function compileAhead(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'auto-connect-'));
  setTimeout(() => {
    throw new Error('the server does not start');
  }, WITHIN_MS).unref();
  try {
    const modules = new CompiledModules(dirname(fileURLToPath(import.meta.url)));
    await phone(await serve(modules, join(folder, 'store.db')));
    modules.keep();
  } finally {
    rmSync(folder, { recursive: true });
  }
  process.exit();
}

void compileAhead();
