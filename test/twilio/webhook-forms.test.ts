import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { WebhookKind, WebhookRequest } from '../../src/domain/webhook.ts';
import { readWebhook, type Form } from '../../src/twilio/webhook-forms.ts';
import * as recorded from './support/recorded-forms.ts';

const ACCOUNT = recorded.CONSUME.AccountSid;
const AGENT = recorded.CONSUME.CallSid;
const LEAD = recorded.BRIDGING.CallSid;
const CALL = 'c'.repeat(22);
const SESSION = 's'.repeat(22);

const read = (kind: WebhookKind, path: Record<string, string>, form: Form) =>
  readWebhook(kind, path, form, ACCOUNT);

test('the agent’s first request of 2019 is the agent dialing in', () => {
  expect(read('consume', {}, recorded.CONSUME)).toEqual({ kind: 'consume', sid: AGENT });
});

test('her digits of 2019 are the code she keyed', () => {
  expect(read('codeKeyed', { leg: AGENT, step: '1' }, recorded.CODE_KEYED)).toEqual({
    kind: 'codeKeyed',
    sid: AGENT,
    step: 1,
    digits: '958673',
  });
});

test('digits keyed on one leg say nothing about another', () => {
  expect(read('codeKeyed', { leg: LEAD, step: '1' }, recorded.CODE_KEYED)).toBeNull();
});

test('the request of 2019 that names the dequeuing call is a bridge being made', () => {
  expect(read('bridging', { session: SESSION, step: '1' }, recorded.BRIDGING)).toEqual({
    kind: 'bridging',
    sessionId: SESSION,
    step: 1,
    sid: LEAD,
    consumerSid: AGENT,
    queueSid: recorded.BRIDGING.QueueSid,
  });
});

test('the request of 2019 with a QueueResult is the lead leaving the queue', () => {
  expect(read('onDequeue', { call: CALL, step: '1' }, recorded.ON_DEQUEUE)).toEqual({
    kind: 'onDequeue',
    callId: CALL,
    step: 1,
    sid: LEAD,
    result: 'bridged',
  });
});

test('the last callback of 2019 is the end of a call of 39 seconds, not of one', () => {
  expect(read('callStatus', { call: CALL }, recorded.COMPLETED)).toEqual({
    kind: 'callStatus',
    callId: CALL,
    sid: LEAD,
    status: 'completed',
    sequence: 0,
    durationSeconds: 39,
  });
});

test('the lead’s answer is read with the verdict on who answered, if there is one', () => {
  const path = { call: CALL, step: '1' };
  const { CallStatus: _, ...form } = recorded.BRIDGING;
  expect(read('enqueue', path, form)).toMatchObject({ kind: 'enqueue', answeredBy: null });
  expect(read('enqueue', path, { ...form, AnsweredBy: 'human' })).toMatchObject({
    answeredBy: 'human',
  });
});

const dialAction = { ...recorded.CODE_KEYED, CallStatus: 'in-progress' };

test.each([
  [{ DequeueResult: 'queue-empty', DialCallStatus: 'no-answer' }, 'queue-empty'],
  [{ DequeueResult: 'bridged', DialCallStatus: 'completed' }, 'bridged'],
  [{ DialCallStatus: 'completed' }, 'bridged'],
  [{ DialCallStatus: 'no-answer' }, null],
  [{}, null],
])('a Dial action with %o says that her dial ended %s', (extra, result) => {
  const path = { session: SESSION, step: '7' };
  expect(read('stopConsuming', path, { ...dialAction, ...extra })).toMatchObject({
    kind: 'stopConsuming',
    step: 7,
    sid: AGENT,
    callStatus: 'in-progress',
    result,
  });
});

test('a status callback whose numbers are odd is read without them', () => {
  const odd = { ...recorded.COMPLETED, SequenceNumber: '1e3', CallDuration: '-4' };
  expect(read('callStatus', { call: CALL }, odd)).toMatchObject({
    sequence: null,
    durationSeconds: null,
  });
});

const PATH = { call: CALL, session: SESSION, leg: AGENT, step: '1' };
const KINDS: [WebhookKind, Form][] = [
  ['consume', recorded.CONSUME],
  ['codeKeyed', recorded.CODE_KEYED],
  ['stopConsuming', dialAction],
  ['bridging', recorded.BRIDGING],
  ['enqueue', recorded.BRIDGING],
  ['waiting', recorded.BRIDGING],
  ['onDequeue', recorded.ON_DEQUEUE],
  ['callStatus', recorded.COMPLETED],
];

test.each(KINDS)(
  '%s of another account, or without a proper CallSid, is not read',
  (kind, form) => {
    expect(read(kind, PATH, form)).not.toBeNull();
    expect(read(kind, PATH, { ...form, AccountSid: `AC${'9'.repeat(32)}` })).toBeNull();
    expect(read(kind, PATH, { ...form, CallSid: 'CA1' })).toBeNull();
    const { CallSid: _, ...without } = form;
    expect(read(kind, PATH, without)).toBeNull();
  },
);

test.each(KINDS.filter(([kind]) => kind !== 'consume'))(
  '%s with an id or a step that is not ours is not read',
  (kind, form) => {
    for (const step of ['', '-1', '1.5', '9999999', '٣', 'x']) {
      const isStepless = kind === 'callStatus';
      expect(read(kind, { ...PATH, step }, form) === null).toBe(!isStepless);
    }
    const strangers = { call: '../../etc', session: 'short', leg: 'CA', step: '1' };
    expect(read(kind, strangers, form)).toBeNull();
  },
);

/** Names that a form of Twilio's has, so that hostile values come where they are read. */
const NAMES = [
  ...Object.keys(recorded.CODE_KEYED),
  ...Object.keys(recorded.COMPLETED),
  ...Object.keys(recorded.ON_DEQUEUE),
  'DequeueResult',
  'DequeuedCallSid',
  'DequeingCallSid',
  'DialCallStatus',
  'AnsweredBy',
  'ErrorCode',
  'constructor',
  'toString',
];
const TEXTS = fc.oneof(
  fc.string({ maxLength: 40, unit: 'binary' }),
  fc.constantFrom(ACCOUNT, AGENT, LEAD, 'completed', 'in-progress', 'bridged', '', '0'),
);
const hostileForms = fc.dictionary(fc.constantFrom(...NAMES), TEXTS);
const hostilePaths = fc.record({
  call: fc.oneof(fc.constant(CALL), TEXTS),
  session: fc.oneof(fc.constant(SESSION), TEXTS),
  leg: fc.oneof(fc.constant(AGENT), TEXTS),
  step: fc.oneof(fc.constant('1'), TEXTS),
});
const kinds = fc.constantFrom<WebhookKind>(...KINDS.map(([kind]) => kind), 'fallback');

function isProper(kind: WebhookKind, request: WebhookRequest): boolean {
  return (
    request.kind === kind &&
    (!('callId' in request) || /^[\w-]{22}$/.test(request.callId)) &&
    (!('sessionId' in request) || /^[\w-]{22}$/.test(request.sessionId)) &&
    (!('step' in request) || request.step >= 0) &&
    (request.sid === null || /^CA[0-9a-f]{32}$/.test(request.sid)) &&
    (request.kind !== 'codeKeyed' || /^[0-9*#?]{0,32}$/.test(request.digits))
  );
}

test('no form and no path, however odd, breaks the reader or gets past it unchecked', () => {
  fc.assert(
    fc.property(kinds, hostilePaths, hostileForms, (kind, path, form) => {
      const request = readWebhook(kind, path, form, ACCOUNT);
      expect(request === null || isProper(kind, request)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
