import { expect, test } from 'vitest';
import type { CallId } from '../../src/domain/ids.ts';
import { first, leadSid, number, openFloor, staffedFloor } from '../support/floor.ts';

const stranger = leadSid('x'.repeat(22) as CallId);
/** The bound on a leg without an owner (reliability rule L7). */
const WITHIN_MS = 60_000;

test('a call of ours that nobody owns is ended within 60 s', async () => {
  const floor = await openFloor();
  floor.telephony.live = [{ sid: stranger, to: number(40).e164 }];
  await floor.clock.advance(WITHIN_MS);
  expect(floor.telephony.ended).toEqual([{ sid: stranger, how: 'complete' }]);
  expect(floor.reports).toContainEqual({ name: 'leg.orphaned', details: { callSid: stranger } });
});

test('it is ended although another call has no SID yet', async () => {
  const floor = await staffedFloor({ leads: 1, createWithinMs: 600_000 });
  await floor.callLeads();
  floor.telephony.live = [{ sid: stranger, to: number(40).e164 }];
  await floor.clock.advance(WITHIN_MS);
  expect(floor.telephony.ended).toEqual([{ sid: stranger, how: 'complete' }]);
});

test('a call whose create is under way is left to it, however long Twilio takes', async () => {
  const floor = await staffedFloor({ leads: 1, createWithinMs: 600_000 });
  const call = first(await floor.callLeads());
  floor.telephony.live = [{ sid: leadSid(call), to: number(0).e164 }];
  await floor.clock.advance(5 * WITHIN_MS);
  expect(floor.telephony.ended).toEqual([]);
  await floor.restReply(call);
  await floor.clock.advance(5 * WITHIN_MS);
  expect(floor.telephony.ended).toEqual([]);
});

test('a call that has just ended and is still listed is no orphan', async () => {
  const floor = await openFloor();
  floor.telephony.live = [{ sid: stranger, to: number(40).e164 }];
  await floor.clock.advance(WITHIN_MS / 2);
  floor.telephony.live = [];
  await floor.clock.advance(WITHIN_MS);
  expect(floor.telephony.ended).toEqual([]);
  expect(floor.reports.map(({ name }) => name)).not.toContain('leg.orphaned');
});

test('when the last agent has left, orphans are still looked for', async () => {
  const floor = await openFloor();
  floor.telephony.live = [{ sid: stranger, to: number(40).e164 }];
  await floor.command({ type: 'agent.signOut' });
  expect([...floor.dialer.sessions]).toEqual([]);
  await floor.clock.advance(WITHIN_MS);
  expect(floor.telephony.ended).toEqual([{ sid: stranger, how: 'complete' }]);
});
