import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CallId, CallSid, SessionId } from '../../src/domain/ids.ts';
import type { TwimlPlan } from '../../src/domain/twiml-plan.ts';
import { TwimlTemplates } from '../../src/twilio/twiml-templates.ts';
import { writeTwiml, type TwimlSettings } from '../../src/twilio/twiml.ts';

const settings = (): TwimlSettings => ({
  publicBaseUrl: 'https://dialer.example.test:8443/a%20b?x=1&y=<2>',
  company: { name: 'Sid & Step <sessionId> callId', phone: '+13155550100' },
  talkLimitSeconds: 3600,
});

const ownId = fc.stringMatching(/^[A-Za-z0-9_-]{22}$/);
const sid = fc.stringMatching(/^CA[0-9a-f]{32}$/).map((text) => text as CallSid);
const sessionId = ownId.map((text) => text as SessionId);
const callId = ownId.map((text) => text as CallId);
const step = fc.nat(999_999);
const plain = (plan: TwimlPlan) => fc.constant(plan);

const plans: fc.Arbitrary<TwimlPlan> = fc.oneof(
  fc.record({
    plan: fc.constant('promptCode' as const),
    sid,
    step,
    after: fc.constantFrom('greeting' as const, 'wrong' as const, 'silence' as const),
  }),
  fc.record({
    plan: fc.constant('dialQueue' as const),
    sessionId,
    step,
    greet: fc.boolean(),
    pauseSeconds: fc.nat(1),
  }),
  fc.record({ plan: fc.constant('enqueue' as const), sessionId, callId }),
  fc.record({ plan: fc.constant('hold' as const), callId, step }),
  plain({ plan: 'dismiss', after: 'wrong' }),
  plain({ plan: 'dismiss', after: 'silence' }),
  plain({ plan: 'goodbye' }),
  plain({ plan: 'leave' }),
  plain({ plan: 'notice' }),
  plain({ plan: 'lostLine' }),
  plain({ plan: 'unavailable' }),
  plain({ plan: 'hangUp' }),
  plain({ plan: 'proceed' }),
  plain({ plan: 'noContent' }),
);

test('a filled-in document is the one that the SDK would build, byte for byte', () => {
  const given = settings();
  const templates = new TwimlTemplates(given);
  fc.assert(
    fc.property(plans, (plan) => {
      expect(templates.write(plan)).toBe(writeTwiml(plan, given));
    }),
    { numRuns: 1000 },
  );
});

test('documents name the new URL as soon as the server has one', () => {
  const given = settings();
  const templates = new TwimlTemplates(given);
  const plan: TwimlPlan = { plan: 'hold', callId: 'c'.repeat(22) as CallId, step: 2 };
  templates.write(plan);
  given.publicBaseUrl = 'http://127.0.0.1:4321';
  expect(templates.write(plan)).toBe(writeTwiml(plan, given));
});
