import { expect, test } from 'vitest';
import { first, staffedFloor } from '../support/floor.ts';

test('as many leads ring as she has lines', async () => {
  const floor = await staffedFloor({ lines: 3 });
  expect(await floor.callLeads()).toHaveLength(3);
});

test('a line that becomes free is given to the next lead', async () => {
  const floor = await staffedFloor({ lines: 2 });
  const call = first(await floor.callLeads());
  await floor.ended(call, 'busy');
  expect(floor.telephony.created).toHaveLength(3);
});

test('more lines while phones ring are filled at once', async () => {
  const floor = await staffedFloor({ lines: 1 });
  await floor.callLeads();
  await floor.command({ type: 'agent.setLines', lines: 4 });
  expect(floor.telephony.created).toHaveLength(4);
});

test('fewer lines end no call that rings, and are kept when one becomes free', async () => {
  const floor = await staffedFloor({ lines: 3 });
  const [one, two, three] = await floor.callLeads();
  if (!one || !two || !three) throw new Error('three lines, three calls');
  await floor.command({ type: 'agent.setLines', lines: 1 });
  expect(floor.telephony.ended).toEqual([]);

  await floor.ended(one, 'busy');
  await floor.ended(two, 'busy');
  expect(floor.telephony.created).toHaveLength(3);
  await floor.ended(three, 'busy');
  expect(floor.telephony.created).toHaveLength(4);
});

test('lines that are taken back while leads are being reserved are not dialed', async () => {
  const floor = await staffedFloor({ lines: 3 });

  const calling = floor.dialer.command(floor.sessionId, { type: 'agent.callLeads' });
  const fewer = floor.dialer.command(floor.sessionId, { type: 'agent.setLines', lines: 1 });
  await Promise.all([calling, fewer]);
  await floor.clock.advance(1);

  expect(floor.telephony.created).toHaveLength(1);
  expect(floor.leads.list().filter((row) => row.state === 'waiting')).toHaveLength(5);
});

test('lines set while nobody is called count from the next time', async () => {
  const floor = await staffedFloor({ lines: 1 });
  await floor.command({ type: 'agent.setLines', lines: 2 });
  expect(await floor.callLeads()).toHaveLength(2);
});

test('when nobody is left to call she is told once the last phone has rung', async () => {
  const floor = await staffedFloor({ lines: 2, leads: 1 });
  const call = first(await floor.callLeads());
  expect(floor.view.state).toBe('dialing');

  await floor.ended(call, 'busy');

  expect(floor.state).toBe('consumerConnected ready');
  expect(floor.notices.filter((notice) => notice.type === 'listFinished')).toHaveLength(1);
});

test('calls that do not leave within the second say that they wait for a line', async () => {
  const floor = await staffedFloor({ lines: 2, callsPerSecond: 1 });
  await floor.callLeads();
  expect(floor.view.calls.map((call) => call.phase)).toEqual(['requesting', 'waitingForLine']);

  await floor.clock.advance(1000);
  expect(floor.telephony.created).toHaveLength(2);
});

test('calling again while the first leads are on their way asks for no more of them', async () => {
  const floor = await staffedFloor({ lines: 2 });
  const asked: number[] = [];
  const reserve = floor.leads.reserve.bind(floor.leads);
  floor.leads.reserve = (sessionId, count) => {
    asked.push(count);
    return reserve(sessionId, count);
  };

  const commands = (['agent.callLeads', 'agent.pause', 'agent.callLeads'] as const).map((type) =>
    floor.dialer.command(floor.sessionId, { type }),
  );
  await Promise.all(commands);
  await floor.clock.advance(1);

  expect(asked).toEqual([2]);
  expect(floor.telephony.created).toHaveLength(2);
});
