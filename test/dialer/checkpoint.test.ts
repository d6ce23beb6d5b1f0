import { expect, test } from 'vitest';
import { composeSession, type OrderSink } from '../../src/dialer/compose.ts';
import type { JournalEntry } from '../../src/dialer/ports.ts';
import { recoverSessions } from '../../src/dialer/recovery.ts';
import type { SessionHost } from '../../src/dialer/session-host.ts';
import { MemoryJournal } from '../../src/journal/memory-journal.ts';
import { first, openFloor, type Floor } from '../support/floor.ts';

async function talk(floor: Floor): Promise<void> {
  const callId = first(await floor.callLeads());
  await floor.restReply(callId);
  await floor.status(callId, 'ringing');
  await floor.answered(callId);
  await floor.waits(callId);
  await floor.bridging(callId);
  await floor.clock.advance(5000);
  await floor.dequeued(callId, 'bridged');
  await floor.ended(callId);
  await floor.command({ type: 'agent.dispose', callId, disposition: 'interested', notes: '' });
}

const onFailure = (_: unknown, error: unknown): never => {
  throw error;
};

async function recovered(entries: readonly JournalEntry[]): Promise<SessionHost> {
  const journal = new MemoryJournal();
  for (const entry of entries) journal.append(JSON.parse(JSON.stringify(entry)) as JournalEntry);
  const sink: OrderSink = { take: () => {} };
  const { sessions } = await recoverSessions({
    machine: composeSession(sink),
    sink,
    journal,
    onFailure,
  });
  const [session] = sessions;
  if (!session) throw new Error('no session came back');
  return session.host;
}

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('a session that goes on after a checkpoint comes back from it as from its whole journal', async () => {
  const floor = await openFloor({ leads: 40 });
  await floor.dialIn();
  for (let n = 0; n < 30; n++) await talk(floor);
  const entries = floor.journal.entries;
  const at = entries.findLastIndex((entry) => entry.kind === 'checkpoint');
  expect(at, 'thirty talks are worth a checkpoint').toBeGreaterThan(0);
  expect(entries.slice(at).filter((entry) => entry.kind === 'event').length).toBeGreaterThan(0);
  const live = asJson(floor.host.state);

  const opening = entries.filter((entry) => entry.kind === 'opened');
  expect(asJson((await recovered([...opening, ...entries.slice(at)])).state)).toEqual(live);
  const withoutCheckpoints = entries.filter((entry) => entry.kind !== 'checkpoint');
  expect(asJson((await recovered(withoutCheckpoints)).state)).toEqual(live);
});

test('no checkpoint is taken while a call is open or a timer is armed', async () => {
  const floor = await openFloor({ leads: 40 });
  await floor.dialIn();
  floor.dialer.setAttached(floor.sessionId, false); // Arms the expiry.
  for (let n = 0; n < 400; n++) floor.dialer.setAttached(floor.sessionId, false);
  await floor.clock.advance(0);
  expect(floor.journal.entries.some((entry) => entry.kind === 'checkpoint')).toBe(false);
  floor.dialer.setAttached(floor.sessionId, true);
  await floor.clock.advance(0);
  expect(floor.journal.entries.at(-1)?.kind).toBe('checkpoint');
});

test('a session restored from a checkpoint takes calls like any other', async () => {
  const floor = await openFloor({ leads: 40 });
  await floor.dialIn();
  for (let n = 0; n < 30; n++) await talk(floor);
  const host = await recovered(floor.journal.entries);
  const before = host.snapshot.value;
  host.deliver(floor.clock.now(), { type: 'agent.callLeads' });
  expect([before, host.snapshot.value]).toEqual([{ consumerConnected: 'ready' }, 'dialing']);
});
