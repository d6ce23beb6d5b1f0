import { expect, onTestFinished, test, vi } from 'vitest';
import { catalogued } from '../../src/charts/catalogue.ts';
import { leafPath } from '../../src/charts/chart.ts';
import { arrowsBetween } from '../../src/watch/arrows-between.ts';
import { MemoryJournal } from '../../src/journal/memory-journal.ts';
import type { Step } from '../../src/protocol/machines.ts';
import { FloorWatch, type Floor as Told } from '../../src/watch/floor-watch.ts';
import { momentAt } from '../../src/watch/past-moment.ts';
import { readPast, type SessionPast } from '../../src/watch/session-journal.ts';
import { Trace, type TraceStep } from '../../src/watch/trace.ts';
import { NUMBER_OR_SID } from '../support/personal-data.ts';
import { leadSid, staffedFloor, type Floor } from '../support/floor.ts';

/** A talk from the first ring to its disposition, with a second phone that rings in vain. */
async function workedFloor(): Promise<Floor> {
  const floor = await staffedFloor({ lines: 2 });
  const [first, second] = await floor.callLeads();
  if (!first || !second) throw new Error('two lines, two calls');
  await floor.restReply(second);
  await floor.status(second, 'ringing');
  await floor.answered(first); // Before the REST reply: the registration race.
  await floor.bridging(first);
  await floor.ended(second, 'canceled');
  await floor.dequeued(first, 'bridged');
  await floor.ended(first);
  return floor;
}

async function pastOf(floor: Floor): Promise<SessionPast> {
  const past = await readPast(floor.journal, floor.sessionId);
  if (!past) throw new Error('the session has a journal');
  return past;
}

function stepsOf(past: SessionPast): TraceStep[] {
  const trace = new Trace(past);
  return [trace.first, ...past.entries.map((entry) => trace.apply(entry))];
}

test('the journal tells, arrow by arrow, how the registration race was won', async () => {
  const steps = stepsOf(await pastOf(await workedFloor()));
  const answered = steps.find(({ event }) => event === 'leg.answered');
  expect(
    answered?.taken.map(({ callId, from, to }) => `${callId ? 'call' : 'session'} ${from} → ${to}`),
  ).toEqual([
    'session dialing → dialing',
    'call dialing.requesting → dialing.claiming',
    'session dialing → queued',
    'call dialing.claiming → queued.waiting',
    'call dialing.placed.ringing.longEnough → ending.canceling.requested',
  ]);
  expect(answered?.orders).toEqual(['endCall']);
});

test('every arrow that is taken is an arrow of the chart', async () => {
  const steps = stepsOf(await pastOf(await workedFloor()));
  const taken = steps.flatMap((step) => step.taken);
  expect(taken.length).toBeGreaterThan(10);
  for (const { callId, arrow } of taken) {
    const { chart } = catalogued(callId ? 'outbound-call' : 'agent-session');
    const arrows = [...chart.states.values()].flatMap((state) => state.arrows.map(({ id }) => id));
    expect(arrows).toContain(arrow);
  }
});

test('any past instant is the same whether it is stepped through or replayed up to there', async () => {
  const past = await pastOf(await workedFloor());
  for (const step of stepsOf(past)) {
    const moment = momentAt(past, step.seq);
    expect(moment.session).toBe(step.session);
    expect(moment.calls.map(({ callId, state }) => [callId, state])).toEqual(
      step.calls.map(({ callId, state }) => [callId, state]),
    );
  }
});

test('the last instant is where the running session stands', async () => {
  const floor = await workedFloor();
  const last = stepsOf(await pastOf(floor)).at(-1);
  expect(last?.session).toBe(leafPath(floor.host.snapshot.value));
  expect(momentAt(await pastOf(floor), Number.MAX_SAFE_INTEGER).session).toBe(last?.session);
});

test('nothing personal is in a timeline', async () => {
  const text = JSON.stringify(stepsOf(await pastOf(await workedFloor())));
  expect(text).not.toMatch(NUMBER_OR_SID);
});

test('while nobody looks, the journal is passed on and nothing else is kept, asked or planned', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const watch = new FloorWatch(() => 0);
  const appended: unknown[] = [];
  const journal = watch.tap({
    append: (entry) => void appended.push(entry),
    flush: () => Promise.resolve(),
    async *read() {},
    close: () => Promise.resolve(),
  });
  watch.follow({
    get sessions(): never {
      throw new Error('the sessions were looked at');
    },
  });
  const entry = { kind: 'timer', sessionId: 's' as never, seq: 0, at: 0, timer: 0 } as const;
  for (let count = 0; count < 10; count++) journal.append(entry);
  watch.listen(() => {})('anomaly', { anomaly: 'unknownCall', webhook: 'enqueue', callSid: null });
  expect(appended).toHaveLength(10);
  expect(vi.getTimerCount()).toBe(0);
  expect(watch.isIdle).toBe(true);
});

test('what the whole floor is told of a session’s arrows is what its actors took', async () => {
  const { chart } = catalogued('agent-session');
  const steps = stepsOf(await pastOf(await workedFloor()));
  for (const [index, { session, taken, event }] of steps.entries()) {
    const before = steps[index - 1]?.session ?? session;
    if (before === session) continue;
    const own = taken.filter(({ callId, from, to }) => callId === null && from !== to);
    const isFirst = own.some((one) => one.event === event);
    expect(arrowsBetween(chart, before, session, isFirst ? event : null)).toEqual(
      own.map(({ arrow }) => arrow),
    );
  }
});

test('an anomaly is told with the session and the attempt whose leg it was; afterwards nothing is kept', async () => {
  const floor = await staffedFloor();
  const [callId] = await floor.callLeads();
  if (!callId) throw new Error('one line, one call');
  await floor.restReply(callId);
  const watch = new FloorWatch(() => 0);
  watch.follow(floor.dialer);
  const told = await new Promise<Told>((resolve) => {
    const stop = watch.watch((now) => {
      if (now.anomalies.length === 0) return;
      stop();
      resolve(now);
    });
    const callSid = leadSid(callId);
    watch.listen(() => {})('anomaly', { anomaly: 'strangerLeg', webhook: 'bridging', callSid });
  });
  const { sessionId } = floor;
  expect(told.anomalies).toEqual([
    { at: 0, anomaly: 'strangerLeg', webhook: 'bridging', sessionId, callId },
  ]);
  expect(watch.isIdle).toBe(true);
});

test('an entry that comes while a session’s past is read is told once, with the past or after it', async () => {
  const all = (await workedFloor()).journal.entries;
  const steps = all.filter(({ kind }) => kind === 'event' || kind === 'timer');
  const before = steps.slice(0, -2);
  const [during, after] = steps.slice(-2);
  const [opened] = all;
  if (!opened || !during || !after) throw new Error('the floor has worked');
  const watch = new FloorWatch(() => 0);
  const memory = new MemoryJournal();
  const journal = watch.tap(memory);
  for (const entry of [opened, ...before]) journal.append(entry);
  const later: Step[] = [];
  const reading = watch.session(opened.sessionId, (step) => void later.push(step));
  journal.append(during); // In the journal before it is read, and seen on its way there.
  const following = await reading;
  expect(following.steps).toHaveLength(1 + before.length + 1);
  journal.append(after);
  await vi.waitFor(() => expect(later).not.toHaveLength(0));
  expect(later.map(({ seq }) => seq)).toEqual(['seq' in after && after.seq]);
});
