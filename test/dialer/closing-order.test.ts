import { expect, test } from 'vitest';
import { first, leadSid, staffedFloor } from '../support/floor.ts';
import { settle } from '../support/virtual-clock.ts';

const nothingYet = (): void => {};

test('a session is closed only when the outcomes that came in during its last flush are kept', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  await floor.restReply(call);
  const { dialer, journal, leads, sessionId } = floor;
  await floor.command({ type: 'agent.signOut' });
  let written: () => void = nothingYet;
  journal.flush = () => new Promise((resolve) => (written = resolve));
  const kept: string[] = [];
  const append = journal.append.bind(journal);
  journal.append = (entry) => {
    if (entry.kind === 'closed') kept.push('closed');
    append(entry);
  };
  const recordOutcome = leads.recordOutcome.bind(leads);
  leads.recordOutcome = (record) => {
    kept.push('outcome');
    return recordOutcome(record);
  };

  dialer.setAttached(sessionId, false); // Anything that makes a turn, whose flush is under way
  await settle();
  const sid = leadSid(call);
  const ended = {
    kind: 'callStatus',
    callId: call,
    sequence: null,
    durationSeconds: null,
  } as const;
  dialer.answer({ ...ended, sid, status: 'canceled' }); // while the last leg goes.
  for (let flushes = 0; flushes < 5; flushes++) {
    written();
    await settle();
  }
  journal.flush = async () => {};
  written();
  expect(kept).toEqual(['outcome', 'closed']);
});

test('a call that Twilio created when its session was over is ended, and the journal of the session stays closed', async () => {
  const floor = await staffedFloor();
  const call = first(await floor.callLeads());
  await floor.command({ type: 'agent.signOut' });
  await floor.clock.advance(floor.settings.lookUpWithinMs + floor.settings.closeWithinMs);
  expect(floor.isOpen).toBe(false);
  await floor.restReply(call);
  expect(floor.telephony.ended).toContainEqual({ sid: leadSid(call), how: 'complete' });
  expect(floor.journal.entries.at(-1)?.kind).toBe('closed');
});
