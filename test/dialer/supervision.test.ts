import { expect, test } from 'vitest';
import { composeSession, type OrderSink } from '../../src/dialer/compose.ts';
import type { EffectOrder } from '../../src/domain/events.ts';
import { first, leadSid, staffedFloor, talkingFloor } from '../support/floor.ts';
import { settle } from '../support/virtual-clock.ts';

/** The real charts with an action that throws on an order of this kind, so many times. */
const throwing =
  (kind: EffectOrder['kind'], times: number) =>
  (sink: OrderSink): ReturnType<typeof composeSession> => {
    let left = times;
    return composeSession({
      take: (order) => {
        if (order.kind === kind && left-- > 0) throw new Error('a bug in an action');
        sink.take(order);
      },
    });
  };

const reportsOf = (floor: { reports: { name: string }[] }, name: string): number =>
  floor.reports.filter((report) => report.name === name).length;

test('an action that throws once: the session is rebuilt and goes on with the call it had', async () => {
  const compose = throwing('callAnswered', 1);
  const { floor, talk } = await talkingFloor({ compose });
  await settle();
  expect(reportsOf(floor, 'session.failed')).toBe(1);
  expect(reportsOf(floor, 'session.rebuilt')).toBe(1);
  expect(floor.state).toBe('bridged');
  await floor.command({ type: 'agent.hangUp' });
  expect(floor.state).toBe('consumerConnected wrappingUp');
  await floor.ended(talk);
  expect(floor.outcomeOf(talk)).toBe('talked');
  expect(floor.telephony.created).toEqual([talk]);
});

test('what comes in while the actor is dead is not lost', async () => {
  const floor = await staffedFloor({ compose: throwing('callAnswered', 1) });
  const talk = first(await floor.callLeads());
  await floor.restReply(talk);
  await floor.answered(talk);
  const { dialer } = floor;
  dialer.answer({
    kind: 'bridging',
    sessionId: floor.sessionId,
    step: floor.host.dialStep,
    sid: leadSid(talk),
    consumerSid: floor.phone,
    queueSid: null,
  });
  expect(floor.host.failed).toBe(true);
  dialer.answer({
    kind: 'onDequeue',
    callId: talk,
    step: 1,
    sid: leadSid(talk),
    result: 'bridged',
  });
  await settle();
  expect(floor.state).toBe('consumerConnected wrappingUp');
});

test('an action that always throws: after three rebuilds the legs are ended and the page is told', async () => {
  const floor = await staffedFloor({ compose: throwing('callAnswered', Infinity) });
  const talk = first(await floor.callLeads());
  await floor.restReply(talk);
  await floor.answered(talk);
  await floor.bridging(talk);
  await settle();
  expect(reportsOf(floor, 'session.givenUp')).toBe(1);
  expect(floor.isOpen).toBe(false);
  expect(floor.telephony.ended.map(({ sid }) => sid)).toContain(leadSid(talk));
  expect(floor.notices.at(-1)).toMatchObject({ type: 'view', view: { state: 'completed' } });
  const again = await floor.signIn();
  expect(floor.dialer.isLive(again)).toBe(true);
  expect((await floor.leads.reserved()).length, 'nobody is rung again for it').toBe(0);
});

test('an attempt that throws once: its session is rebuilt, and what the attempt ordered is done', async () => {
  const { floor, talk } = await talkingFloor({ compose: throwing('endCall', 1) });
  await floor.command({ type: 'agent.hangUp' });
  expect(reportsOf(floor, 'session.failed')).toBe(1);
  expect(reportsOf(floor, 'session.rebuilt')).toBe(1);
  expect(floor.telephony.ended).toEqual([{ sid: leadSid(talk), how: 'complete' }]);
  expect(floor.state).toBe('consumerConnected wrappingUp');
  await floor.ended(talk);
  expect(floor.noticesOf(talk)).toEqual(['answered', 'ended talked']);
});

test('an attempt that always throws: after three rebuilds its leg and hers are ended and the page is told', async () => {
  const { floor, talk } = await talkingFloor({ compose: throwing('endCall', Infinity) });
  await floor.command({ type: 'agent.hangUp' });
  for (let rebuild = 0; rebuild < 4; rebuild++) await settle();
  expect(reportsOf(floor, 'session.failed')).toBe(4);
  expect(reportsOf(floor, 'session.givenUp')).toBe(1);
  expect(floor.isOpen).toBe(false);
  expect(floor.telephony.ended.map(({ sid }) => sid)).toEqual([leadSid(talk)]);
  expect(floor.telephony.dismissed).toEqual([floor.phone]);
  expect(floor.notices.at(-1)).toMatchObject({ type: 'view', view: { state: 'completed' } });
});
