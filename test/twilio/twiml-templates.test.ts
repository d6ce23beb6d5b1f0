import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CallId, CallSid, SessionId } from '../../src/domain/ids.ts';
import type { TwimlPlan } from '../../src/domain/twiml-plan.ts';
import { TwimlTemplates } from '../../src/twilio/twiml-templates.ts';
import { writeTwiml, type TwimlSettings } from '../../src/twilio/twiml.ts';
import { documentPlan } from './support/plans.ts';

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
const plans = fc.oneof(
  { arbitrary: documentPlan({ sid, sessionId, callId, step }), weight: 13 },
  { arbitrary: fc.constant<TwimlPlan>({ plan: 'noContent' }), weight: 1 },
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
