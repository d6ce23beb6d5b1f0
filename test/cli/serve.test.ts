import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

interface Run {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the built program until it ends, or until it has printed its greeting and is told to end. */
function run(args: string[], env: Record<string, string>): Promise<Run> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env['PATH'], LOG_LEVEL: 'silent', ...env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return new Promise((resolve) => {
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      if (stdout.split('\n').length > 3) child.kill('SIGTERM');
    });
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

test('serve says in three lines where the page is and what to do, and ends on SIGTERM', async () => {
  const { code, stdout } = await run(['serve'], { PORT: '0' });
  const lines = stdout.trim().split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^auto-connect is at http:\/\/127\.0\.0\.1:\d+\/ on a simulated/);
  expect(code).toBe(0);
});

test('a taken port is an error with its remedy and no stack', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  const { code, stdout, stderr } = await run(['serve'], { PORT: `${port}` });
  expect(stderr).toContain(`port ${port} is taken`);
  expect(stderr).toContain('PORT=3001 npm start');
  expect(stderr).not.toContain('    at ');
  expect([code, stdout]).toEqual([4, '']);
});

test('missing and wrong configuration is one line a problem, before anything listens', async () => {
  const { code, stderr } = await run(['serve'], {
    TWILIO_ACCOUNT_SID: 'secret-and-wrong',
    PUBLIC_BASE_URL: 'http://localhost:3000',
    LINES: '11',
  });
  const keys = stderr
    .trim()
    .split('\n')
    .map((line) => line.split(':')[0]);
  expect(keys).toEqual([
    'TWILIO_ACCOUNT_SID',
    'TWILIO_AUTH_TOKEN',
    'TWILIO_NUMBER',
    'PUBLIC_BASE_URL',
    'SIGN_IN_PASSPHRASE',
    'LINES',
  ]);
  expect(stderr).not.toContain('secret-and-wrong');
  expect(code).toBe(4);
});

test('an unknown command or flag is a usage error', async () => {
  expect((await run(['fly'], {})).code).toBe(2);
  expect((await run(['serve', '--fly'], {})).code).toBe(2);
});

test('with credentials no simulated network starts', async () => {
  const { code, stdout } = await run(['serve'], {
    PORT: '0',
    TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
    TWILIO_AUTH_TOKEN: 'a-token-long-enough',
    TWILIO_NUMBER: '+13155550100',
    PUBLIC_BASE_URL: 'https://dialer.example.com',
    SIGN_IN_PASSPHRASE: 'open sesame',
  });
  expect(stdout).toContain('places real calls through Twilio');
  expect(stdout).toContain('https://dialer.example.com/twilio-webhook/consume');
  expect(code).toBe(0);
});
