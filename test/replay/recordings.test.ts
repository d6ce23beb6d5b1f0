import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { isNobodys, numbersIn } from '../../src/replay/numbers.ts';
import { recording, recordings } from '../support/recording.ts';

test.each(recordings())('%s replays as accepted', async (name) => {
  await expect(recording(name)).toReplay();
});

test.each(recordings())('%s holds no real number and no real SID', async (name) => {
  const text = await readFile(recording(name).file, 'utf8');
  expect(numbersIn(text).filter(({ digits }) => !isNobodys(digits))).toEqual([]);
  const sids = text.match(/\b(?:AC|CA|QU)[0-9a-f]{32}\b/g) ?? [];
  expect(sids.filter((sid) => !/^[A-Z]{2}0{20}/.test(sid))).toEqual([]);
});

test('what our own server answered when it was recorded is what the machines answer now, byte for byte', async () => {
  for (const name of recordings().filter((each) => each !== '2019-first-call')) {
    const { differences } = await recording(name).replay();
    const decided = differences.filter(({ recorded, ours }) => recorded.decision !== ours.decision);
    expect([name, decided]).toEqual([name, []]);
  }
});

test('a lead that was busy ended as busy, and the agent is free', async () => {
  const { replayed } = await recording('busy-lead').replay();
  expect(replayed.calls).toMatchObject([{ outcome: 'busy', answeredNotices: 0, endedNotices: 1 }]);
  expect(replayed.sessions).toMatchObject([{ state: 'consumerConnected' }]);
});

test('in the recorded registration race the webhook came first and lost nothing', async () => {
  const { rows, replayed } = await recording('webhook-before-rest-reply').replay();
  const kinds = rows.map(({ kind }) => kind);
  expect(kinds.indexOf('enqueue')).toBeLessThan(kinds.indexOf('created'));
  expect(replayed.calls).toMatchObject([
    { outcome: 'talked', answeredNotices: 1, endedNotices: 1 },
  ]);
});

test('a call whose create reply was lost is found by its webhook and never placed twice', async () => {
  const { rows, replayed } = await recording('create-reply-lost').replay();
  expect(
    rows.flatMap(({ orders }) => orders).filter((order) => order.startsWith('place')),
  ).toHaveLength(1);
  expect(replayed.calls).toMatchObject([{ outcome: 'talked' }]);
});

test.each(['restart-in-the-talk', 'restart-while-it-rings', 'restart-before-the-rest-reply'])(
  '%s: the call goes on as if nothing had happened, and is not placed again',
  async (name) => {
    const { replayed, rows } = await recording(name).replay();
    expect(replayed.calls).toMatchObject([
      { outcome: 'talked', answeredNotices: 1, endedNotices: 1 },
    ]);
    const places = rows
      .flatMap(({ orders }) => orders)
      .filter((order) => order.startsWith('place'));
    expect(places).toHaveLength(1);
  },
);

test('an agent who leaves while phones ring leaves nobody waiting', async () => {
  await expect(recording('agent-leaves-while-dialing')).toReplay();

  const { replayed, rows } = await recording('agent-leaves-while-dialing').replay();
  expect(replayed.sessions).toMatchObject([{ state: 'idle' }]);
  expect(replayed.calls.every(({ state }) => state === 'completed')).toBe(true);
  expect(rows.some(({ plan }) => plan?.plan === 'enqueue')).toBe(false);
});
