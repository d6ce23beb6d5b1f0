import { describe, expect, test } from 'vitest';
import type { FaultName, FaultRule } from '../../src/simulator/faults.ts';
import type { LedgerBridge } from '../../src/simulator/ledger.ts';
import { Random } from '../../src/simulator/random.ts';
import { AGENT, APP, OURS, World } from './support/world.ts';

/** Faults that leave every call able to end: what is lost for good is the application's affair. */
const FAULTS: Partial<Record<FaultName, FaultRule>> = {
  'status.drop': { probability: 0.1 },
  'status.dup': { probability: 0.1 },
  'status.delay': { probability: 0.1, value: 90_000 },
  'twiml.retry': { probability: 0.1 },
  'twiml.slow': { probability: 0.1, value: 16_000 },
  'twiml.replyLost': { probability: 0.05 },
  'server.down': { probability: 0.1 },
  'lead.hangup@ringing': { probability: 0.1 },
  'lead.hangup@answer': { probability: 0.1 },
  'lead.hangup@queued': { probability: 0.1 },
  'lead.hangup@whisper': { probability: 0.1 },
  'lead.hangup@bridged': { probability: 0.3, value: 2000 },
  'agent.hangup@waiting': { probability: 0.05, value: 3000 },
  'agent.hangup@whisper': { probability: 0.05 },
  'agent.hangup@bridged': { probability: 0.1, value: 4000 },
  'clock.skip': { probability: 0.05 },
  'whisper.delay': { probability: 0.2, value: 4000 },
  'hangup.latency': { probability: 0.2, value: 5000 },
  'answer.zero': { probability: 0.1 },
};

describe('whatever goes wrong', () => {
  test.each(Array.from({ length: 12 }, (_, index) => index + 1))(
    'the books stay sound (seed %i)',
    async (seed) => {
      const defects: string[] = [];
      const random = new Random(seed);
      const faults = Object.fromEntries(Object.entries(FAULTS).filter(() => random.chance(0.5)));
      const world = new World({
        seed,
        callsPerSecond: 5,
        faults,
        log: ({ msg, error }) => void (msg.startsWith('defect') && defects.push(String(error))),
      });
      callFloor(world, random.fork('documents'));
      for (let second = 0; second < 300; second += 1) {
        if (world.network.handset(AGENT).view().phase === 'idle')
          world.network.handset(AGENT).dial(OURS);
        if (second % 5 === 0) callSomebody(world, random);
        if (random.chance(0.05)) moveSomebody(world, random);
        await world.clock.advance(1000);
      }
      world.network.faults.clear();
      world.network.handset(AGENT).leg?.hangUp('party');
      await world.clock.advance(3_600_000);
      const { ledger } = world.network;

      expect(defects).toEqual([]);
      expect(ledger.liveCalls()).toEqual([]);
      expect(ledger.bridges.filter(({ endedAt }) => endedAt === null)).toEqual([]);
      // Only in a conference does one call hear several.
      expect(overlaps(ledger.bridges.filter(({ kind }) => kind !== 'conference'))).toEqual([]);
      expect(ledger.queueVisits.filter(({ result }) => result === null)).toEqual([]);
      expect(ledger.bridges.length).toBeGreaterThan(0);
      expect(world.received.every(({ isSigned }) => isSigned)).toBe(true);
    },
  );
});

const DOCUMENTS = [
  '<Enqueue action="/left" waitUrl="/wait">q</Enqueue>',
  '<Enqueue action="/left">q</Enqueue>',
  '<Dial action="/left" record="record-from-answer"><Number url="/whisper">+12065550101</Number><Number>+12065550102</Number></Dial>',
  '<Dial action="/left" timeout="20"><Conference waitUrl="/wait">room</Conference></Dial><Say>Alone.</Say>',
  '<Record action="/left" maxLength="20"/>',
] as const;

function callFloor(world: World, random: Random): void {
  world.rest('POST', 'Queues', { FriendlyName: 'q' });
  world.on('/voice', '<Dial action="/voice" timeout="60"><Queue url="/whisper">q</Queue></Dial>');
  world.on('/answer', () => random.pick(DOCUMENTS));
  world.on('/whisper', '<Pause length="1"/>');
  world.on('/left', '<Say>Goodbye.</Say>');
  world.on('/wait', '<Gather numDigits="1" timeout="3"/><Pause length="4"/>');
  world.on('/elsewhere', '<Say>Over here.</Say><Redirect>/answer</Redirect>');
  world.on('/status', { status: 204 });
}

function callSomebody(world: World, random: Random): void {
  world.rest('POST', 'Calls', {
    To: `+1312555010${random.int(0, 9)}`,
    From: OURS,
    Url: `${APP}/answer`,
    Timeout: '25',
    StatusCallback: `${APP}/status`,
    StatusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
  });
}

/** REST moves or ends a call at any moment of its life. */
function moveSomebody(world: World, random: Random): void {
  const live = world.network.ledger
    .liveCalls()
    .filter(({ direction }) => direction === 'outbound-api');
  if (live.length === 0) return;
  const { callSid } = random.pick(live);
  world.rest(
    'POST',
    `Calls/${callSid}`,
    random.chance(0.5) ? { Url: `${APP}/elsewhere` } : { Status: 'completed' },
  );
}

function shareACall(a: LedgerBridge, b: LedgerBridge): boolean {
  return [a.callSid, a.otherCallSid].some((sid) => sid === b.callSid || sid === b.otherCallSid);
}

/** Pairs of bridges that one call was in at the same time. */
function overlaps(bridges: readonly LedgerBridge[]): [number, number][] {
  return bridges.flatMap((a, index) =>
    bridges
      .slice(index + 1)
      .filter((b) => shareACall(a, b) && b.startedAt < a.endedAt! && a.startedAt < b.endedAt!)
      .map((b): [number, number] => [a.id, b.id]),
  );
}
