import * as fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { expect, test } from 'vitest';
import type { CallId, CallSid, SessionId } from '../../src/domain/ids.ts';
import type { TwimlPlan } from '../../src/domain/twiml-plan.ts';
import { writeTwiml, type TwimlSettings } from '../../src/twilio/twiml.ts';

const SETTINGS: TwimlSettings = {
  publicBaseUrl: 'https://dialer.example.test',
  company: { name: 'Acme & Sons', phone: '+13155550100' },
  talkLimitSeconds: 3600,
};
const sid = `CA${'0'.repeat(32)}` as CallSid;
const sessionId = 's'.repeat(22) as SessionId;
const callId = 'c'.repeat(22) as CallId;

const PLANS: TwimlPlan[] = [
  { plan: 'promptCode', sid, step: 1, after: 'greeting' },
  { plan: 'promptCode', sid, step: 2, after: 'wrong' },
  { plan: 'promptCode', sid, step: 3, after: 'silence' },
  { plan: 'dismiss', after: 'wrong' },
  { plan: 'dismiss', after: 'silence' },
  { plan: 'dialQueue', sessionId, step: 1, greet: true, pauseSeconds: 0 },
  { plan: 'dialQueue', sessionId, step: 2, greet: false, pauseSeconds: 1 },
  { plan: 'goodbye' },
  { plan: 'enqueue', sessionId, callId },
  { plan: 'hold', callId, step: 2 },
  { plan: 'leave' },
  { plan: 'notice' },
  { plan: 'lostLine' },
  { plan: 'unavailable' },
  { plan: 'hangUp' },
  { plan: 'proceed' },
];

interface Verb {
  name: string;
  attributes: Record<string, string>;
  text: string;
  inside: string[];
}

/** A strict reader of its own: whatever the SDK writes must be XML by another's judgement. */
function parse(document: string): Verb[] {
  const verbs: Verb[] = [];
  const path: Verb[] = [];
  const parser = new SaxesParser();
  parser.on('opentag', ({ name, attributes }) => {
    const verb = { name, attributes, text: '', inside: path.map((outer) => outer.name) };
    verbs.push(verb);
    path.push(verb);
  });
  parser.on('text', (text) => {
    const verb = path.at(-1);
    if (verb) verb.text += text;
  });
  parser.on('closetag', () => void path.pop());
  parser.on('error', (error) => {
    throw error;
  });
  parser.write(document).close();
  return verbs;
}

const write = (plan: TwimlPlan, settings = SETTINGS): string => {
  const document = writeTwiml(plan, settings);
  if (document === null) throw new Error(`${plan.plan} is no document`);
  return document;
};

const name = (plan: TwimlPlan): string => Object.values(plan).join(' ').slice(0, 40);
const CASES = PLANS.map((plan) => [name(plan), plan] as const);

test('a pure callback gets no document', () => {
  expect(writeTwiml({ plan: 'noContent' }, SETTINGS)).toBeNull();
});

test.each(CASES)('%s is well-formed, short and of verbs that Twilio knows', (_, plan) => {
  const document = write(plan);
  expect(document.startsWith('<?xml version="1.0" encoding="UTF-8"?>')).toBe(true);
  expect(Buffer.byteLength(document)).toBeLessThan(4096);
  const [root, ...verbs] = parse(document);
  expect(root?.name).toBe('Response');
  for (const verb of verbs) {
    expect('Say Play Pause Gather Dial Queue Enqueue Leave Redirect Hangup'.split(' ')).toContain(
      verb.name,
    );
  }
});

test.each(CASES)('%s names its next step by absolute POST URLs', (_, plan) => {
  for (const { name: verb, attributes, text } of parse(write(plan))) {
    const urls = ['action', 'url', 'waitUrl'].flatMap((key) => attributes[key] ?? []);
    if (verb === 'Redirect') urls.push(text);
    for (const url of urls)
      expect(url).toMatch(/^https:\/\/dialer\.example\.test\/twilio-webhook\//);
    const asks = urls.length > 0;
    expect(!asks || attributes['method'] === 'POST').toBe(true);
    expect(attributes['waitUrl'] === undefined || attributes['waitUrlMethod'] === 'POST').toBe(
      true,
    );
    const names = !['Gather', 'Dial', 'Enqueue'].includes(verb) || attributes['action'];
    expect(names).toBeTruthy();
  }
});

test.each(CASES)('%s cannot fall off its end', (_, plan) => {
  const last = parse(write(plan)).findLast((verb) => verb.inside.length === 1);
  const ends = ['Hangup', 'Redirect', 'Dial', 'Enqueue', 'Leave'];
  // The whisper's empty document is the one that Twilio goes on after: the bridge is made.
  expect(plan.plan === 'proceed' ? last === undefined : ends.includes(last?.name ?? '')).toBe(true);
});

test('the agent’s Dial waits as long as Twilio lets it and is limited in time', () => {
  const dial = parse(
    write({ plan: 'dialQueue', sessionId, step: 3, greet: false, pauseSeconds: 0 }),
  );
  expect(dial.find((verb) => verb.name === 'Dial')?.attributes).toMatchObject({
    timeout: '600',
    timeLimit: '3600',
    action: `https://dialer.example.test/twilio-webhook/stop-consuming/${sessionId}/3`,
  });
  expect(dial.find((verb) => verb.name === 'Queue')).toMatchObject({
    text: `queue-${sessionId}`,
    attributes: { url: `https://dialer.example.test/twilio-webhook/bridging/${sessionId}/3` },
  });
});

const textOf = (plan: TwimlPlan, verb: string): string | undefined =>
  parse(write(plan)).find((each) => each.name === verb)?.text;

test('a lead is put in the queue that its agent dials', () => {
  expect(textOf({ plan: 'enqueue', sessionId, callId }, 'Enqueue')).toBe(
    textOf({ plan: 'dialQueue', sessionId, step: 1, greet: false, pauseSeconds: 0 }, 'Queue'),
  );
});

test('the prompt takes exactly six digits and asks again when none come', () => {
  const verbs = parse(write({ plan: 'promptCode', sid, step: 4, after: 'wrong' }));
  const gather = verbs.find((verb) => verb.name === 'Gather');
  expect(gather?.attributes).toMatchObject({ numDigits: '6', actionOnEmptyResult: 'true' });
  expect(verbs.at(-1)).toMatchObject({ name: 'Redirect', text: gather?.attributes['action'] });
});

test('a waiting lead asks again before two seconds are over', () => {
  const [, pause, play] = parse(write({ plan: 'hold', callId, step: 2 }));
  expect(
    Number(pause?.attributes['length']) * 1000 + (play?.attributes['digits'] ?? '').length * 500,
  ).toBeLessThan(2000);
});

const said = (plan: TwimlPlan, settings = SETTINGS): string =>
  parse(write(plan, settings))
    .map((verb) => verb.text)
    .join('');

test('the courtesy notice says who called and how to call back', () => {
  const words = said({ plan: 'notice' });
  expect(words).toContain('Acme & Sons');
  expect(words).toContain('1 3 1 5 5 5 5 0 1 0 0');
});

test('every wrong code is refused in the same words', () => {
  expect(said({ plan: 'promptCode', sid, step: 2, after: 'wrong' })).toContain('did not work');
  expect(said({ plan: 'dismiss', after: 'wrong' })).toContain('did not work');
});

const noticeOf = (company: string): string =>
  parse(write({ plan: 'notice' }, { ...SETTINGS, company: { ...SETTINGS.company, name: company } }))
    .map((verb) => verb.name)
    .join(' ');

test('whatever markup the company’s name holds, the notice has the same verbs', () => {
  const printable = fc.string({ unit: 'grapheme', maxLength: 60 });
  fc.assert(
    fc.property(printable, (text) => {
      expect(noticeOf(text)).toBe('Response Say Hangup');
    }),
    { numRuns: 1000 },
  );
  for (const text of [']]>', '</Say><Dial/>', '&#0;', '<!--', '\n']) {
    expect(noticeOf(text)).toBe('Response Say Hangup');
  }
});

// The SDK throws on characters that XML has no words for: the name is cleaned where it is written.
test.each(['\u0000', 'a\u0008b', '\ud800', '\udc00x', '\uffff'])(
  'a company name with %j in it still gives a notice',
  (text) => {
    expect(noticeOf(text)).toBe('Response Say Hangup');
  },
);
