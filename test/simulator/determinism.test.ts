import { describe, expect, test } from 'vitest';
import { benchNetwork } from '../bench/network.ts';
import { signature, signedUrl } from '../../src/simulator/signature.ts';
import { VirtualClock } from '../../src/simulator/virtual-clock.ts';
import { AGENT, APP, LEAD, OURS, World } from './support/world.ts';

describe('the virtual clock', () => {
  test('the same seed makes the same bytes, another seed makes others', async () => {
    const [first, second, other] = [await shift(7), await shift(7), await shift(8)];

    expect(second).toBe(first);
    expect(other).not.toBe(first);
  });

  test('what the application takes in real time changes nothing', async () => {
    expect(await shift(7, 3)).toBe(await shift(7));
  });

  test('timers of one instant run in the order they were set, and new ones in due time', async () => {
    const clock = new VirtualClock({ startAt: 0 });
    const ran: string[] = [];
    clock.setTimeout(() => ran.push('second'), 10);
    clock.setTimeout(() => ran.push('third'), 10);
    clock.clearTimeout(clock.setTimeout(() => ran.push('never'), 7));
    clock.setTimeout(() => {
      ran.push('first');
      void Promise.resolve().then(() => clock.setTimeout(() => ran.push('chained'), 4));
    }, 5);
    await clock.advance(10);

    expect(ran).toEqual(['first', 'chained', 'second', 'third']);
  });

  test('an application may wait on the clock itself, if the clock is not held for it', async () => {
    const world = new World({ holdClock: false });
    world.network.people.script(LEAD, { answerAfterMs: 10 });
    world.on('/answer', async () => {
      await new Promise<void>((resolve) => void world.clock.setTimeout(resolve, 5000));
      return '<Say>At last.</Say>';
    });
    const sid = world.call();
    await world.clock.runAll();

    expect(world.heard(sid)).toEqual(['At last.']);
  });

  test('an hour with ten agents takes about a second, and every call is accounted for', async () => {
    const result = await benchNetwork(10, 1);

    expect(result.calls).toBeGreaterThan(500);
    expect(result.bridges).toBeGreaterThan(300);
    expect(result.webhooks).toBeGreaterThan(4000);
  });
});

// Made with the official SDK; the first is the one in Twilio's own documentation.
describe('X-Twilio-Signature', () => {
  test.each([
    [
      '12345',
      'https://example.com/myapp.php?foo=1&bar=2',
      { CallSid: 'CA1234567890ABCDE', Digits: '1234' },
    ],
    [
      'auto-connect-test-token',
      'http://127.0.0.1:4010/enqueue?lead=7&attempt=a%2Fb',
      { ToCity: 'São Paulo', to: 'x', Digits: '' },
    ],
  ])('with token %s for %s is what the SDK computes', async (token, url, params) => {
    const { getExpectedTwilioSignature } = await import('twilio/lib/webhooks/webhooks.js');

    expect(signature(token, signedUrl(url), Object.entries(params))).toBe(
      getExpectedTwilioSignature(token, url, params),
    );
  });

  test('of a GET without parameters is the vector in the fact sheet', () => {
    expect(signature('auto-connect-test-token', 'https://example.test/enqueue?lead=7', [])).toBe(
      'mNoOQ/cYHAh1mIoCwfCKVRbBOPs=',
    );
  });

  test.each([
    ['https://user:pw@example.com:8443/a?b=1#rc=2', 'https://example.com/a?b=1'],
    ['http://user:pw@example.com:8080/a', 'http://example.com:8080/a'],
  ])('signs %s as %s', (url, signed) => {
    expect(signedUrl(url)).toBe(signed);
  });
});

/** A morning with random people; every request the application got, as text. */
async function shift(seed: number, realDelayMs = 0): Promise<string> {
  const world = new World({ seed, callsPerSecond: 1 });
  world.rest('POST', 'Queues', { FriendlyName: 'q' });
  const answer = (verbs: string) => async (): Promise<string> => {
    if (realDelayMs > 0)
      await new Promise((resolve) => setTimeout(resolve, Math.random() * realDelayMs));
    return verbs;
  };
  world.on('/voice', answer('<Dial action="/voice"><Queue url="/whisper">q</Queue></Dial>'));
  world.on('/answer', answer('<Enqueue action="/left" waitUrl="/wait">q</Enqueue>'));
  for (const path of ['/whisper', '/left']) world.on(path, answer(''));
  world.on('/wait', answer('<Pause length="7"/>'));
  world.on('/status', { status: 204 });
  world.network.handset(AGENT).dial(OURS);
  for (let lead = 0; lead < 20; lead += 1) {
    world.call({
      To: `+131255501${String(lead).padStart(2, '0')}`,
      StatusCallback: `${APP}/status`,
      StatusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
    });
  }
  await world.clock.advance(20 * 60_000);
  return JSON.stringify([world.received, world.network.ledger]);
}
