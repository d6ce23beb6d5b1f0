import { expect, test } from 'vitest';
import { composeSession, type OrderSink } from '../../src/dialer/compose.ts';
import type { JournalEntry } from '../../src/dialer/ports.ts';
import { SessionHost, type KeyedOrder } from '../../src/dialer/session-host.ts';
import { MemoryJournal } from '../../src/journal/memory-journal.ts';
import { first, leadSid, openFloor, type Floor, type FloorOptions } from '../support/floor.ts';

interface Moment {
  entries: number;
  state: unknown;
}

/** Writes down the live session's state after each turn, and every order it gives. */
function watch(floor: Floor): { moments: Moment[]; orders: KeyedOrder[]; host: SessionHost } {
  const { host, journal } = floor;
  const moments: Moment[] = [];
  const orders: KeyedOrder[] = [];
  const own = () =>
    journal.entries.filter((entry) => entry.sessionId === host.sessionId && entry.kind !== 'effect')
      .length;
  const note = () => void moments.push({ entries: own(), state: asJson(host.state) });
  const deliver = host.deliver.bind(host);
  const runTimers = host.runTimers.bind(host);
  const takeOrders = host.takeOrders.bind(host);
  host.deliver = (...args) => {
    deliver(...args);
    note();
  };
  host.runTimers = (at) => {
    runTimers(at);
    note();
  };
  host.takeOrders = () => {
    const taken = takeOrders();
    orders.push(...taken);
    return taken;
  };
  return { moments, orders, host };
}

/** What a store gives back. */
const asJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

function reopen(opened: JournalEntry): SessionHost {
  if (opened.kind !== 'opened') throw new Error('a journal begins with the opening');
  const sink: OrderSink = { take: () => {} };
  const stage = {
    machine: composeSession(sink),
    sink,
    journal: new MemoryJournal(),
    onFailure: (_: unknown, error: unknown) => {
      throw error;
    },
  };
  return new SessionHost(stage, opened.opening, opened.at);
}

type Scenario = [name: string, options: FloorOptions, run: (floor: Floor) => Promise<void>];

const SCENARIOS: Scenario[] = [
  [
    'a talk with its wrap-up',
    {},
    async (floor) => {
      await floor.dialIn();
      const call = first(await floor.callLeads());
      await floor.restReply(call);
      await floor.status(call, 'ringing');
      await floor.clock.advance(3000);
      await floor.answered(call);
      await floor.waits(call);
      await floor.bridging(call);
      await floor.clock.advance(30_000);
      await floor.dequeued(call, 'bridged');
      await floor.returned('bridged');
      await floor.ended(call);
      await floor.command({
        type: 'agent.dispose',
        callId: call,
        disposition: 'interested',
        notes: '',
      });
    },
  ],
  [
    'the registration race with losers',
    { lines: 3 },
    async (floor) => {
      await floor.dialIn();
      const [one, two, three] = await floor.callLeads();
      if (!one || !two || !three) throw new Error('three lines, three calls');
      await floor.answered(two);
      await floor.answered(one);
      await floor.restReply(two);
      await floor.clock.advance(2000);
      await floor.waits(two);
      await floor.dequeued(two, 'leave');
      await floor.status(three, 'ringing');
      await floor.ended(three, 'canceled');
      await floor.clock.advance(60_000);
    },
  ],
  [
    'losers that ring out',
    { lines: 2, ringAtLeastMs: 15_000 },
    async (floor) => {
      await floor.dialIn();
      const [one, two] = await floor.callLeads();
      if (!one || !two) throw new Error('two lines, two calls');
      await floor.status(one, 'ringing');
      await floor.status(two, 'ringing');
      await floor.clock.advance(5000);
      await floor.answered(one);
      await floor.bridging(one);
      await floor.clock.advance(60_000);
    },
  ],
  [
    'an agent who leaves in mid-talk and comes back',
    {},
    async (floor) => {
      await floor.dialIn();
      const call = first(await floor.callLeads());
      await floor.answered(call);
      await floor.bridging(call);
      await floor.hangsUp('bridged');
      await floor.dialIn();
      await floor.command({
        type: 'agent.dispose',
        callId: call,
        disposition: 'callBack',
        notes: '',
      });
      await floor.callLeads();
    },
  ],
  [
    'lost creates, deadlines and a page that goes',
    { lines: 2 },
    async (floor) => {
      await floor.dialIn();
      const [one, two] = await floor.callLeads();
      if (!one || !two) throw new Error('two lines, two calls');
      floor.telephony.reply(one, { kind: 'unknown', reason: 'timeout' });
      await floor.clock.advance(21_000);
      floor.telephony.facts.inspect = {
        kind: 'found',
        sid: leadSid(two),
        status: 'busy',
        durationSeconds: 0,
      };
      await floor.status(two, 'ringing');
      await floor.clock.advance(50_000);
      floor.dialer.setAttached(floor.sessionId, false);
      await floor.clock.advance(119_000);
      floor.dialer.setAttached(floor.sessionId, true);
      await floor.clock.advance(10_000);
      await floor.command({ type: 'agent.pause' });
    },
  ],
  [
    'signing out in mid-talk',
    {},
    async (floor) => {
      await floor.dialIn();
      const call = first(await floor.callLeads());
      await floor.answered(call);
      await floor.bridging(call);
      await floor.command({ type: 'agent.signOut' });
      await floor.clock.advance(20_000);
    },
  ],
];

test.each(SCENARIOS)(
  'replayed at any prefix, %s is in the state it was in',
  async (_, options, run) => {
    const floor = await openFloor(options);
    const { moments, orders, host: live } = watch(floor);
    await run(floor);
    await floor.clock.advance(0);
    const entries = asJson(floor.journal.entries).filter(
      (entry) => entry.sessionId === floor.sessionId && entry.kind !== 'effect',
    );
    const [opened, ...rest] = entries;
    if (!opened) throw new Error('nothing was journaled');

    const replayed = reopen(opened);
    const at = new Map(moments.map((moment) => [moment.entries, moment.state]));
    let compared = 0;
    for (const [index, entry] of rest.entries()) {
      if (entry.kind === 'event' || entry.kind === 'timer') replayed.replay(entry);
      const expected = at.get(index + 2);
      if (!expected) continue;
      compared += 1;
      expect({ index, state: asJson(replayed.state) }).toEqual({ index, state: expected });
    }

    expect(compared).toBeGreaterThan(5);
    expect(replayed.takeOrders().slice(-orders.length)).toEqual(orders);
    expect(replayed.nextDue()).toBe(live.nextDue());
  },
);
