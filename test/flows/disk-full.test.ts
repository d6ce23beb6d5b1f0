import { expect, test } from 'vitest';
import { AgentClient } from '../support/agent-client.ts';
import { leadHangsUp, openServedFloor, resume, type ServedFloor } from '../support/served-floor.ts';

/** An agent in a talk, on a server whose disk has just been found full by the first of her commands. */
async function talkOnFullDisk(): Promise<ServedFloor> {
  const floor = await openServedFloor();
  await floor.page.request('agent.callLeads', {});
  await floor.page.untilState('bridged');
  floor.server.fillDisk(true);
  await expect(floor.page.request('agent.setLines', { lines: 2 })).rejects.toMatchObject({
    code: 4503,
    data: { reason: 'notWrittenYet' },
  });
  await floor.page.until('the reason', () => floor.page.view?.quiet === 'journalUnwritable');
  return floor;
}

const get = async ({ server }: ServedFloor, path: string) => {
  const response = await fetch(new URL(path, server.url));
  return { status: response.status, text: await response.text() };
};

test('a full disk is told: to the page, to a new page, to whoever would sign in, at /readyz and in the metrics', async () => {
  const floor = await talkOnFullDisk();
  expect(await get(floor, '/readyz')).toEqual({
    status: 503,
    text: '{"status":"journalUnwritable"}',
  });
  expect((await get(floor, '/healthz')).status).toBe(200);
  expect((await get(floor, '/metrics')).text).toContain('autoconnect_journal_writable 0');
  await expect(floor.page.request('agent.hangUp', {})).rejects.toMatchObject({
    code: 4503,
    data: { reason: 'journalUnwritable' },
  });
  const stranger = await AgentClient.open(floor.server.url);
  await expect(stranger.request('agent.signIn', { name: 'Ada' })).rejects.toMatchObject({
    code: 4503,
  });
  stranger.close();
  const again = await resume(floor);
  expect(again.view).toMatchObject({ state: 'bridged', quiet: 'journalUnwritable', lines: 1 });
  expect(floor.network.network.ledger.liveCalls(), 'the talk goes on').toHaveLength(2);

  floor.server.fillDisk(false);
  await again.until('the disk', () => again.view?.quiet === null && again.view.lines === 2);
  expect(await get(floor, '/readyz')).toEqual({ status: 200, text: '{"status":"ready"}' });
  expect((await get(floor, '/metrics')).text).toContain('autoconnect_journal_writable 1');
});

test('a lead who hangs up while the disk is full: she is in wrap-up once it is free, and after a restart', async () => {
  const floor = await talkOnFullDisk();
  await leadHangsUp(floor);
  await expect
    .poll(async () => (await get(floor, '/metrics')).text)
    .toMatch(/webhook_duration_seconds_count\{route="callStatus",status="503"\} [1-9]/);
  expect(floor.page.view?.state, 'nothing new is believed').toBe('bridged');
  floor.server.fillDisk(false);
  await floor.page.until('wrap-up', () => floor.page.view?.mode === 'wrappingUp');
  const [talk] = floor.page.view?.recent ?? [];
  expect(talk).toMatchObject({ outcome: 'talked', disposition: null });

  await floor.server.end('SIGKILL');
  await floor.server.start();
  const page = await resume(floor);
  expect(page.view).toMatchObject({ mode: 'wrappingUp', lines: 2, quiet: 'dispositionOwed' });
  // Who ended it may be told a moment later, by what became of her own phone.
  const { endedBy: _, ...known } = talk ?? { endedBy: null };
  expect(page.view?.recent).toMatchObject([known]);
});

test('SIGTERM while the disk is full: exit 6, and the store is named with what to do', async () => {
  const floor = await talkOnFullDisk();
  expect(await floor.server.end('SIGTERM')).toBe(6);
  expect(floor.server.stderr).toMatch(/store\.db cannot be .*; look at the disk/);
  await floor.server.start();
  const page = await resume(floor);
  expect(page.view).toMatchObject({ state: 'bridged', lines: 1 });
});
