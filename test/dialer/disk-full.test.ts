import { expect, test } from 'vitest';
import { JournalError } from '../../src/domain/errors.ts';
import type { AgentId } from '../../src/domain/ids.ts';
import type { WebhookRequest } from '../../src/domain/webhook.ts';
import {
  first,
  leadSid,
  openFloor,
  staffedFloor,
  talkingFloor,
  type Floor,
} from '../support/floor.ts';
import { settle } from '../support/virtual-clock.ts';

/** Longer than the journal is left alone after a failure. */
const RETRIED_MS = 2000;

/** From now on nothing can be written; returns what makes it work again. */
function fillDisk(floor: Floor): () => Promise<void> {
  const flush = floor.journal.flush.bind(floor.journal);
  const full = new JournalError('diskFull', 'the disk is full', 'free some space');
  floor.journal.flush = () => Promise.reject(full);
  return async () => {
    floor.journal.flush = flush;
    await floor.clock.advance(RETRIED_MS);
  };
}

/** Somebody has noticed: a command that was not carried out before. */
async function noticed(floor: Floor): Promise<void> {
  await floor.command({ type: 'agent.setLines', lines: 2 });
  expect(floor.dialer.trouble).toMatchObject({ problem: 'diskFull' });
}

const dequeued = (callId: ReturnType<typeof first>): WebhookRequest => ({
  kind: 'onDequeue',
  callId,
  step: 1,
  sid: leadSid(callId),
  result: 'bridged',
});

test('the command that finds the disk full is told that it waits; it happens when the disk is free', async () => {
  const floor = await staffedFloor({ leads: 1 });
  const free = fillDisk(floor);
  expect(await floor.command({ type: 'agent.callLeads' })).toEqual({
    kind: 'unwritable',
    isKept: true,
  });
  await floor.clock.advance(RETRIED_MS);
  expect(floor.telephony.created).toEqual([]);
  await free();
  expect(floor.telephony.created).toHaveLength(1);
  expect(floor.state).toBe('dialing');
});

test('while the disk is known to be full a command changes nothing, now or later', async () => {
  const floor = await staffedFloor({ leads: 1 });
  const free = fillDisk(floor);
  await noticed(floor);
  const entries = floor.journal.entries.length;
  expect(await floor.command({ type: 'agent.callLeads' })).toEqual({
    kind: 'unwritable',
    isKept: false,
  });
  expect(floor.journal.entries).toHaveLength(entries);
  await free();
  expect(floor.telephony.created).toEqual([]);
  expect(floor.state).toBe('consumerConnected ready');
  expect(floor.view.lines, 'what was kept has happened').toBe(2);
});

test('the page is told why, keeps what was durable, and is told when it is over', async () => {
  const { floor, talk } = await talkingFloor();
  const free = fillDisk(floor);
  await floor.command({ type: 'agent.hangUp' });
  const shown = { state: 'bridged', talk: { callId: talk }, quiet: 'journalUnwritable' };
  expect(floor.notices.at(-1)).toMatchObject({ type: 'view', view: shown });
  expect(floor.view).toMatchObject(shown);
  await free();
  expect(floor.notices.at(-1)).toMatchObject({ type: 'view', view: { quiet: 'dispositionOwed' } });
});

test('a page that connects meanwhile is told at once, and told nothing that a crash could undo', async () => {
  const { floor, talk } = await talkingFloor();
  const free = fillDisk(floor);
  await floor.command({ type: 'agent.hangUp' });
  const { length: entries } = floor.journal.entries;
  for (let round = 0; round < 50; round++) {
    floor.dialer.setAttached(floor.sessionId, false);
    floor.dialer.setAttached(floor.sessionId, true);
  }
  expect(floor.journal.entries, 'nothing waits for the disk').toHaveLength(entries);
  expect(floor.notices.at(-1)).toMatchObject({
    type: 'view',
    view: { state: 'bridged', talk: { callId: talk }, quiet: 'journalUnwritable' },
  });
  floor.dialer.setAttached(floor.sessionId, false);
  await free();
  expect(floor.host.snapshot.context.attached).toBe(false);
});

test('nobody signs in, but who has a session finds it', async () => {
  const floor = await openFloor();
  const free = fillDisk(floor);
  await noticed(floor);
  await expect(floor.dialer.signIn('ada' as AgentId, 'Ada')).rejects.toThrow('the disk is full');
  expect(await floor.dialer.signIn('grace' as AgentId, 'Grace')).toBe(floor.sessionId);
  await free();
  expect([...floor.dialer.sessions]).toHaveLength(1);
});

test('requests of Twilio’s are refused and change nothing; the fallback still has words', async () => {
  const { floor, talk } = await talkingFloor();
  const free = fillDisk(floor);
  await noticed(floor);
  const { length: entries } = floor.journal.entries;
  await expect(floor.ask(dequeued(talk))).rejects.toMatchObject({ problem: 'diskFull' });
  expect(
    await floor.ask({ kind: 'fallback', leg: 'lead', sid: leadSid(talk), errorCode: null }),
  ).toEqual({
    plan: 'unavailable',
  });
  expect(floor.journal.entries).toHaveLength(entries);
  await free();
});

test('what Twilio was not heard to say is asked when the disk is free: she is in wrap-up', async () => {
  const { floor, talk } = await talkingFloor();
  const free = fillDisk(floor);
  await noticed(floor);
  await floor.ask(dequeued(talk)).catch(() => {});
  const sid = leadSid(talk);
  floor.telephony.inspectCall = async (asked) =>
    asked === sid
      ? { kind: 'found', sid, status: 'completed', durationSeconds: 9 }
      : { kind: 'unknown', reason: 'nobody knows' };
  await free();
  expect(floor.state).toBe('consumerConnected wrappingUp');
  expect(floor.noticesOf(talk)).toEqual(['answered', 'ended talked']);
});

async function ringingFloor(): Promise<Floor> {
  const floor = await staffedFloor({ leads: 3, lines: 2 });
  for (const call of await floor.callLeads()) await floor.restReply(call);
  return floor;
}

test.for([
  ['while phones ring', ringingFloor],
  ['in a talk', async () => (await talkingFloor()).floor],
] as const)('%s what waits for the disk does not grow, however long it lasts', async ([, open]) => {
  const floor = await open();
  floor.telephony.inspectCall = async (sid) => ({
    kind: 'found',
    sid,
    status: 'in-progress',
    durationSeconds: null,
  });
  const free = fillDisk(floor);
  await noticed(floor);
  await floor.clock.advance(60_000);
  const { length: entries } = floor.journal.entries;
  await floor.clock.advance(3_600_000);
  expect(floor.journal.entries).toHaveLength(entries);
  await free();
  expect(floor.dialer.trouble).toBeNull();
});

test('a call that waits for its line when the disk fills goes back to the list', async () => {
  const floor = await staffedFloor({ leads: 2, lines: 2, callsPerSecond: 1 });
  await floor.callLeads();
  const free = fillDisk(floor);
  await noticed(floor);
  await floor.clock.advance(5000);
  expect(floor.telephony.created).toHaveLength(1);
  await free();
  await settle();
  expect(floor.view.recent.map(({ outcome }) => outcome)).toEqual(['canceled']);
});

test('an outcome that the store refuses is written when it can be, and told once', async () => {
  const { floor, talk } = await talkingFloor();
  const record = floor.leads.recordOutcome.bind(floor.leads);
  let isFull = true;
  floor.leads.recordOutcome = (outcome) =>
    isFull
      ? Promise.reject(new JournalError('diskFull', 'full', 'free some space'))
      : record(outcome);
  await floor.dequeued(talk, 'bridged');
  await floor.ended(talk);
  expect((await floor.leads.reserved()).map(({ leadId }) => leadId)).toEqual(['lead-0']);
  isFull = false;
  await floor.clock.advance(RETRIED_MS);
  expect(await floor.leads.reserved()).toEqual([]);
  expect(floor.noticesOf(talk)).toEqual(['answered', 'ended talked']);
});
