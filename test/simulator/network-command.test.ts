import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { networkCommand } from '../../src/cli/network.ts';

const SET_OF_2019 = fileURLToPath(new URL('../conformance/2019', import.meta.url));

describe('auto-connect network conformance', () => {
  let out = '';
  let err = '';

  beforeEach(() => {
    out = '';
    err = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((out += String(text))));
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((err += String(text))));
  });

  afterEach(() => {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  });

  test('says of each payload whether it conforms', async () => {
    expect(await run(SET_OF_2019)).toBe(0);
    expect(out).toContain('5 of 5 payloads conform');
  });

  test('exits 1 and shows what differs, as JSON too', async () => {
    const directory = await directoryWith({
      'a.json': '{"kind":"inbound-voice-url","params":{"CallStatus":"ringing"}}',
    });

    expect(await run(directory, '--json')).toBe(1);
    const { results } = JSON.parse(out) as {
      results: { outcome: string; findings: { problem: string }[] }[];
    };
    expect(results[0]!.outcome).toBe('differs');
    expect(results[0]!.findings.every(({ problem }) => problem === 'extra')).toBe(true);
  });

  test('reports a kind it does not know and a file it cannot read, and goes on', async () => {
    const directory = await directoryWith({
      'a.json': '{"kind":"sms","params":{}}',
      'b.json': 'no JSON',
      'c.json': '{"kind":"inbound-voice-url","partial":true,"params":{"CallStatus":"ringing"}}',
    });

    expect(await run(directory)).toBe(1);
    expect(out).toContain('unknownKind');
    expect(out).toContain('unreadable');
    expect(out).toContain('1 of 3 payloads conform');
  });

  test('exits 3 for a directory that is none, or empty', async () => {
    expect(await run('/nowhere/at/all')).toBe(3);
    expect(await run(await directoryWith({}))).toBe(3);
    expect(err).toContain('holds no *.json');
  });
});

async function run(...args: string[]): Promise<number> {
  process.exitCode = undefined;
  await new Command()
    .addCommand(networkCommand())
    .parseAsync(['node', 'auto-connect', 'network', 'conformance', ...args]);
  return exitCode();
}

async function directoryWith(files: Record<string, string>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'conformance-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  return directory;
}

function exitCode(): number {
  return Number(process.exitCode ?? 0);
}
