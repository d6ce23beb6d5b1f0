import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ModelWatcher, type Losses } from './support/model-watcher.ts';
import { WatchedFloor, type Scenario } from './support/watched-floor.ts';

const person = fc.oneof(
  fc.record({
    answers: fc.constant('person' as const),
    answerAfterMs: fc.integer({ min: 200, max: 6000 }),
    talkMs: fc.integer({ min: 500, max: 8000 }),
  }),
  fc.record({
    answers: fc.constant('person' as const),
    answerAfterMs: fc.integer({ min: 200, max: 6000 }),
    talkMs: fc.integer({ min: 500, max: 8000 }),
    hangsUpAt: fc.constantFrom(
      'ringing' as const,
      'answer' as const,
      'queued' as const,
      'whisper' as const,
    ),
  }),
  fc.record({
    answers: fc.constantFrom(
      'busy' as const,
      'noAnswer' as const,
      'rejects' as const,
      'unreachable' as const,
      'silence' as const,
    ),
    answerAfterMs: fc.integer({ min: 200, max: 6000 }),
  }),
);

const rule = (probability: number, value?: number) => ({
  probability,
  ...(value !== undefined && { value }),
});

/** Twilio's requests for one kind of document: many do not reach us, or their answers do not reach Twilio. */
const LOSSES = {
  answer: '/enqueue/',
  wait: '/waiting/',
  bridging: '/bridging/',
  dequeued: '/on-dequeue/',
  back: '/stop-consuming/',
} as const;
const losses = fc
  .record({
    fault: fc.constantFrom('server.down' as const, 'twiml.replyLost' as const),
    urlContains: fc.constantFrom(...Object.values(LOSSES)),
  })
  .map(({ fault, urlContains }) => [[fault, { ...rule(0.7), urlContains }]] as const);

function lostIn({ faults }: Scenario): Losses | null {
  const { 'server.down': down, 'twiml.replyLost': unanswered } = faults;
  const at = (down ?? unanswered)?.urlContains;
  const kind = (Object.keys(LOSSES) as (keyof typeof LOSSES)[]).find((key) => LOSSES[key] === at);
  return kind ? { what: down ? 'request' : 'answer', kind } : null;
}

const scenarios: fc.Arbitrary<Scenario> = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  lines: fc.integer({ min: 1, max: 3 }),
  webhookMs: fc.constantFrom(80, 3000),
  people: fc.array(person, { minLength: 1, maxLength: 4 }),
  deeds: fc
    .array(
      fc.record({
        afterMs: fc.integer({ min: 0, max: 6000 }),
        deed: fc.constantFrom(
          'leave' as const,
          'leaveAtAnswer' as const,
          'dialIn' as const,
          'callLeads' as const,
          'callLeads' as const,
          'pause' as const,
          'hangUp' as const,
          'dispose' as const,
          'dispose' as const,
          'signOut' as const,
        ),
      }),
      { maxLength: 10 },
    )
    .map((deeds) => [{ afterMs: 0, deed: 'callLeads' as const }, ...deeds]),
  faults: fc
    .tuple(
      fc.subarray([
        ['create.error', rule(0.2)],
        ['create.delay', rule(0.5, 3000)],
        ['create.replyLost', rule(0.2)],
        ['status.dup', rule(0.3)],
        ['status.drop', rule(0.2)],
        ['status.delay', rule(0.3, 4000)],
        ['twiml.retry', rule(0.2)],
        ['whisper.delay', rule(0.3, 3000)],
        ['lead.hangup@bridged', rule(0.2, 500)],
        ['agent.hangup@whisper', rule(0.1)],
        ['agent.hangup@bridged', rule(0.2, 700)],
        ['clock.skip', rule(0.3)],
        ['answer.zero', rule(0.2)],
      ] as const),
      fc.option(losses, { nil: [] }),
    )
    .map((faults) => Object.fromEntries(faults.flat())),
});

/** Plays a scenario on the network and lets the model explain it. */
async function explain(scenario: Scenario): Promise<{ steps: string[]; wrong: string | null }> {
  const watcher = new ModelWatcher(lostIn(scenario));
  const seen: string[] = [];
  const wrongs: string[] = [];
  const floor = new WatchedFloor(scenario, (observed) => {
    seen.push(JSON.stringify(observed));
    if (wrongs.length > 0) return;
    wrongs.push(...[watcher.see(observed, floor.truth) ?? []].flat());
  });
  await floor.play(scenario);
  const story = `after\n${seen.slice(-60).join('\n')}`;
  const [first] = wrongs;
  if (first) return { steps: [], wrong: `${first}\n${story}` };
  const mayLose = 'status.drop' in scenario.faults;
  const { steps, wrong } = watcher.finish(floor.truth, mayLose);
  return { steps, wrong: wrong && `${wrong}\n${story}` };
}

/** Every step of Twilio's, and of hers, that the model knows; callbacks that are lost, and repeats, are counted elsewhere. */
const STEPS = [
  'refuse',
  'start',
  'ring',
  'answer',
  'noAnswer',
  'leadHangsUp',
  'meet',
  'asksAgain',
  'bridgesAnyway',
  'unmade',
  'dialTimesOut',
  'dialIn',
  'leave',
  'arrive:create',
  'arrive:progress:initiated',
  'arrive:progress:ringing',
  'arrive:progress:in-progress',
  'arrive:completed:completed',
  'arrive:completed:no-answer',
  'arrive:completed:canceled',
  'arrive:answer',
  'arrive:wait',
  'arrive:wait:again',
  'arrive:bridging',
  'arrive:dequeued:bridged',
  'arrive:dequeued:hangup',
  'arrive:dequeued:leave',
  'arrive:dequeued:bridging-in-process',
  'arrive:back:bridged',
  'arrive:back:bridged:gone',
  'arrive:back:hangup',
  'arrive:back:hangup:gone',
  'arrive:back:queue-empty',
  'arrive:end:cancel',
  'arrive:end:complete',
  'arrive:dismiss',
  'arrive:leadFallback',
  'arrive:agentFallback',
  ...Object.keys(LOSSES).flatMap((kind) => [`lose:${kind}`, `loseAnswer:${kind}`]),
];
const RUNS = 200;

test('whatever the simulated network does, the explorer’s model of Twilio allows; and it shows every step of it', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      const { steps, wrong } = await explain(scenario);
      expect(wrong).toBeNull();
      for (const step of steps) seen.add(step);
    }),
    { seed: 20_300_107, numRuns: RUNS, endOnFailure: true },
  );
  const known = [...seen].filter((name) => !name.startsWith('repeat:'));
  expect(known.toSorted()).toEqual(STEPS.toSorted());
}, 240_000);
