import { expect, test } from 'vitest';
import type { AgentId, CallId, CallSid } from '../../src/domain/ids.ts';
import type { JournalEntry, LiveCall } from '../../src/dialer/ports.ts';
import { first, leadSid, number, openFloor, staffedFloor, Floor } from '../support/floor.ts';
import { settle } from '../support/virtual-clock.ts';

/** As REST lists it: a call to a number that is no lead's. */
const live = (sid: CallSid): LiveCall => ({ sid, to: number(40).e164 });

/** The same floor after a crash: a new process that has nothing but the journal. */
async function restarted(
  before: Floor,
  change: (entry: JournalEntry) => JournalEntry = (entry) => entry,
  prepare: (after: Floor) => void = () => {},
  clockMs = 0,
): Promise<Floor> {
  const after = new Floor({ leads: 6 });
  await after.clock.advance(before.clock.now() - after.clock.now() + clockMs);
  for (const entry of before.journal.entries) {
    after.journal.append(change(JSON.parse(JSON.stringify(entry)) as JournalEntry));
  }
  after.sessionId = before.sessionId;
  prepare(after);
  await after.dialer.recover();
  await settle();
  return after;
}

test('after a start every session stands where it stood, and nobody is dialed by itself', async () => {
  const before = await staffedFloor({ leads: 3 });
  const call = first(await before.callLeads());
  await before.restReply(call);
  await before.answered(call);
  await before.bridging(call);
  const after = await restarted(before);
  expect(after.state).toBe('bridged');
  expect(after.view.talk).toMatchObject({ callId: call, lead: { name: 'Lead 0' } });
  expect(after.telephony.created).toEqual([]);
  await after.dequeued(call, 'bridged');
  expect(after.state).toBe('consumerConnected wrappingUp');
  expect(after.noticesOf(call)).toEqual(['ended talked']);
});

test('a create whose reply a crash lost is looked up, never sent again', async () => {
  const before = await staffedFloor({ leads: 1 });
  const call = first(await before.callLeads());
  const after = await restarted(before);
  expect(after.callState(call)).toBe('dialing unconfirmed');
  expect(after.telephony.created).toEqual([]);
  expect(after.telephony.lookedUp).toEqual([call]);
});

test('a call that waited for a line when the process died goes back to the list', async () => {
  const before = await staffedFloor({ leads: 2, lines: 2, callsPerSecond: 1 });
  await before.callLeads();
  const { calls } = before.view;
  const waiting = calls.find((call) => call.phase === 'waitingForLine');
  expect(waiting, 'one call a second: the other waits').toBeDefined();
  const after = await restarted(before);
  expect(after.outcomeOf(waiting?.callId as CallId)).toBe('canceled');
  expect(after.telephony.created).toEqual([]);
});

test('what happened meanwhile is asked: the lead has gone, and so has the agent', async () => {
  const before = await staffedFloor({ leads: 1 });
  const call = first(await before.callLeads());
  await before.restReply(call);
  await before.answered(call);
  await before.bridging(call);
  const gone = { kind: 'found', status: 'completed', durationSeconds: 9 } as const;
  const after = await restarted(before, undefined, ({ telephony }) => {
    telephony.inspectCall = async (sid) => ({ ...gone, sid });
  });
  expect(after.state).toBe('idle wrappingUp');
  expect(after.noticesOf(call)).toEqual(['ended talked']);
  expect(after.view.dialIn.accessCode).toMatch(/^\d{6}$/);
});

test('the keyed code that connected her, asked again after a start, gets the same words', async () => {
  const before = await openFloor();
  const words = await before.dialIn();
  const after = await restarted(before);
  const again = await after.ask({
    kind: 'codeKeyed',
    sid: before.phone,
    step: 1,
    digits: '000000',
  });
  expect(again).toEqual(words);
  expect(after.state).toBe('consumerConnected ready');
});

test('a call of ours that no session owns is ended', async () => {
  const before = await staffedFloor({ leads: 1 });
  const call = first(await before.callLeads());
  await before.restReply(call);
  const stranger = leadSid('x'.repeat(22) as CallId);
  const after = await restarted(before, undefined, ({ telephony }) => {
    telephony.live = [live(leadSid(call)), live(stranger)];
  });
  expect(after.telephony.ended).toEqual([{ sid: stranger, how: 'complete' }]);
});

test('a session of other charts is not replayed into these: it is closed, its legs are ended', async () => {
  const before = await staffedFloor({ leads: 1 });
  const call = first(await before.callLeads());
  await before.restReply(call);
  const after = await restarted(
    before,
    (entry) => (entry.kind === 'opened' ? { ...entry, version: 0 } : entry),
    ({ telephony }) => {
      telephony.live = [live(leadSid(call))];
    },
  );
  expect(after.isOpen).toBe(false);
  expect(after.telephony.ended).toEqual([{ sid: leadSid(call), how: 'complete' }]);
  expect(after.journal.entries.at(-1)?.kind).toBe('closed');
});

const HOUR_MS = 3_600_000;

/** A session whose page closed some hours after the test began, restarted while the clock is off by this much. */
async function restartedWithClock(offMs: number): Promise<Floor> {
  const before = await openFloor({ closeWithinMs: 0 });
  await before.clock.advance(3 * HOUR_MS);
  before.dialer.setAttached(before.sessionId, false);
  await settle();
  return restarted(before, undefined, undefined, offMs);
}

test('a clock that was set back by an hour at a restart makes no timer late, and is told', async () => {
  const floor = await restartedWithClock(-HOUR_MS);
  expect(floor.reports).toContainEqual({ name: 'clock.behind', details: { byMs: HOUR_MS } });
  await floor.clock.advance(119_000);
  expect(floor.dialer.isLive(floor.sessionId)).toBe(true);
  await floor.clock.advance(2000);
  expect(floor.dialer.isLive(floor.sessionId)).toBe(false);
});

test('a clock that was set ahead at a restart is a server that was away: what is due happens', async () => {
  const floor = await restartedWithClock(HOUR_MS);
  await floor.clock.advance(0);
  expect(floor.dialer.isLive(floor.sessionId)).toBe(false);
  expect(floor.reports.map(({ name }) => name)).not.toContain('clock.behind');
});

test('of a large floor some sessions are asked about at once, and all within moments', async () => {
  const before = await openFloor();
  const names = Array.from({ length: 49 }, (_, index) => `agent-${index}`);
  for (const name of names) await before.dialer.signIn(name as AgentId, name);
  const after = await restarted(before);
  await after.clock.advance(99);
  expect(after.telephony.queues.asserted).toHaveLength(20);
  await after.clock.advance(1);
  expect(after.telephony.queues.asserted).toHaveLength(40);
  await after.clock.advance(100);
  expect(new Set(after.telephony.queues.asserted).size).toBe(50);
});
