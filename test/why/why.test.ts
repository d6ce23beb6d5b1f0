import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Chain } from '../../src/why/chain.ts';
import { leadNumber, startProduct } from '../support/product.ts';

const MAIN = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'auto-connect-why-'));
const store = join(folder, 'store.db');
const asked = { call: '', sid: '', session: '' };

function why(id: string, ...flags: string[]) {
  const ran = spawnSync(process.execPath, [MAIN, 'why', id, ...flags], {
    env: { PATH: process.env['PATH'], STORE: store },
    encoding: 'utf8',
  });
  return { code: ran.status, stdout: ran.stdout, stderr: ran.stderr };
}

const chains = (id: string): Chain[] =>
  (JSON.parse(why(id, '--json').stdout) as { sessions: Chain[] }).sessions;

/** One talk with its disposition, a second call that is ignored on purpose, and the server still running. */
test('beside a running server, a call, its leg, its lead and its session are told from the journal', async () => {
  const product = await startProduct([{ answerAfterMs: 5, talkMs: 60_000 }], {
    env: { STORE: store },
  });
  const page = await product.connect();
  await page.request('agent.callLeads', {});
  await page.untilState('bridged');
  asked.session = page.view?.sessionId ?? '';
  asked.call = page.view?.talk?.callId ?? '';
  const leg = product.network.network.ledger.calls.find((c) => c.direction === 'outbound-api');
  asked.sid = leg?.callSid ?? '';

  const talking = why(asked.call);
  expect(talking.code).toBe(0);
  expect(talking.stdout).toContain('leg.answered');
  expect(talking.stdout).toContain('ordered callAnswered');
  expect(talking.stdout).toContain('"plan":"enqueue"');
  expect(talking.stdout).toMatch(/^now .*session bridged/m);
  expect(talking.stdout).not.toContain(leadNumber(0));

  await page.request('agent.hangUp', {});
  await page.untilState('consumerConnected', 'wrappingUp');
  const [owed] = chains(asked.session);
  expect(owed?.now).toMatchObject({ quiet: 'dispositionOwed', failed: false });
  await page.request('agent.dispose', {
    callId: asked.call,
    disposition: 'interested',
    notes: 'secret',
  });
  for (const id of [asked.sid, leadNumber(0)]) {
    const [chain] = chains(id);
    const types = chain?.links.map(({ event }) => event.type);
    expect(types).toContain('leads.reserved');
    expect(types).toContain('agent.dispose');
  }
  expect(why(asked.call).stdout).not.toContain('secret');
  await page.request('agent.signOut', {});
  await page.until('the end of the session', () => page.closedWith !== null);
  await expect.poll(() => chains(asked.session)[0]?.closedAt, { timeout: 10_000 }).not.toBeNull();
});

test('what changed nothing is told with the state that ignored it', () => {
  const ignored = chains(asked.session).flatMap(({ links }) =>
    links.flatMap(({ refusedBy }) => refusedBy ?? []),
  );
  for (const reason of ignored)
    expect(reason).toMatch(/changes nothing here|refused by|no open call/);
});

test('a closed session is found as well', () => {
  const [chain] = chains(asked.session);
  expect(chain?.closedAt).not.toBeNull();
  expect(chain?.links.at(-1)?.after).toEqual(chain?.now.state);
});

test('nothing found is 3, a file that is no store is 6, and both say what to do', () => {
  const unknown = why('CA00000000000000000000000000000000');
  expect([unknown.code, unknown.stdout]).toEqual([3, '']);
  expect(unknown.stderr).toContain('expected a call id');
  const foreign = join(folder, 'foreign.db');
  writeFileSync(
    foreign,
    'this is a letter, not a database, and long enough to be read as one'.repeat(20),
  );
  expect(why('+13155550100', '--store', foreign).code).toBe(6);
  expect(why('+13155550100', '--store', join(folder, 'nowhere.db')).code).toBe(6);
});
