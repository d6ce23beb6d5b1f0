import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parseRecording, readRecording } from '../../src/replay/read-recording.ts';
import { judge, toJson } from '../../src/replay/verdict.ts';
import { requestsOf, WRITERS } from './other-tools.ts';

const FILE = 'test/recordings/lead-hangs-up.ndjson';

test.each(Object.keys(WRITERS))('%s replays like our own recording of it', async (name) => {
  const own = await readRecording(FILE);
  const expected = await judge(own);
  const text = WRITERS[name]?.(requestsOf(own)) ?? '';
  const verdict = await judge(parseRecording('traffic', text));

  expect(verdict.unrecognised).toEqual([]);
  expect(verdict.recognised).toBe(expected.recognised);
  const plans = (from: typeof verdict) =>
    from.rows
      .filter(({ step }) => step?.step === 'webhook')
      .map(({ kind, plan }) => [kind, plan?.plan]);
  expect(plans(verdict)).toEqual(plans(expected));
  expect(toJson(verdict)['calls']).toEqual(toJson(expected)['calls']);
  expect(toJson(verdict)['sessions']).toEqual(toJson(expected)['sessions']);
  const decided = verdict.differences.filter(
    ({ recorded, ours }) => recorded.decision !== ours.decision,
  );
  expect(decided).toEqual([]);
  expect(verdict.breaks).toEqual([]);
});

test('traffic that speaks of Twilio and cannot be used is listed with its line; other traffic is not', async () => {
  const text = [
    '{"time":"2030-01-07T15:00:00Z","method":"GET","url":"https://dialer.example.com/favicon.ico","status":404}',
    '{"time":"2030-01-07T15:00:01Z","method":"POST","url":"https://dialer.example.com/twilio-webhook/other","body":"CallSid=CA00000000000000000000000000000001"}',
    '{"method":"POST","url":"https://dialer.example.com/twilio-webhook/consume","body":"CallSid=CA0',
    '{"time":"2030-01-07T15:00:02Z","method":"POST","url":"https://dialer.example.com/twilio-webhook/consume/CA00000000000000000000000000000001/1","body":"CallSid=CA00000000000000000000000000000001&AccountSid=AC00000000000000000000000000000001&Digits=1"}',
  ].join('\n');
  const { unrecognised, recognised } = await judge(parseRecording('proxy.ndjson', text));
  expect(unrecognised.map(({ line }) => line)).toEqual([2, 3]);
  expect(recognised).toBe(1);
});

const header = '{"recording":"auto-connect","version":1}';
test.each([
  ['hello\nworld\n', 'file:1: holds no request'],
  ['{"recording":"auto-connect","version":2}\n', 'file:1: is of version 2'],
  [`${header}\nnonsense\n{}\n`, 'file:2: is not a JSON object'],
  [`${header}\n{"kind":"request","at":"yesterday"}\n`, 'file:2: "at" must be a time'],
  [
    `${header}\n{"kind":"dance","at":"2030-01-07T15:00:00Z"}\n`,
    'file:2: knows no entry of kind "dance"',
  ],
  [
    `${header}\n{"kind":"command","at":"2030-01-07T15:00:00Z","session":"session-00000000000001"}\n`,
    'file:2: "command" must be',
  ],
  [
    `${header}\n{"kind":"signIn","at":"2030-01-07T15:00:00Z","session":"short","agent":"a"}\n`,
    'file:2: "session" must be 22 characters',
  ],
  [
    `${header}\n{"kind":"dial","at":"2030-01-07T15:00:00Z","session":"session-00000000000001","calls":[{"call":"call-00000000000000001","lead":"l","to":"555"}]}\n`,
    'file:2: "to" must be E.164',
  ],
])('a file that is no recording is refused with its line and the reason: %j', (text, reason) => {
  expect(() => parseRecording('file', text)).toThrow(reason);
});

test('an empty file is refused', async () => {
  await expect(readRecording('/dev/null')).rejects.toThrow('/dev/null:1: is empty');
});

test('a recording with one number that belongs to somebody is refused, without telling the number', async () => {
  const text = await readFile(FILE, 'utf8');
  const real = ['+1', '315', '867', '5309'].join('');
  const line = text.split('\n').findIndex((each) => each.includes('+12125550100')) + 1;
  const refused = () => parseRecording(FILE, text.replaceAll('+12125550100', real));
  expect(refused).toThrow(`${FILE}:${line}: holds a telephone number that is not 555-01xx`);
  expect(refused).not.toThrow(real);
});

test('a raw log that nobody has anonymised is read, and its numbers never leave the reader', async () => {
  const text = await readFile('test/recordings/2019-first-call.txt', 'utf8');
  const real = ['+1', '315', '867', '53'].join('');
  const raw = text.replaceAll(/\+1\d{3}55501(\d\d)/g, `${real}$1`);
  const verdict = await judge(parseRecording('bad-day.txt', raw));
  expect(verdict.recognised).toBe(7);
  expect(JSON.stringify(toJson(verdict))).not.toContain(real);
});

test('an agent who signs in twice keeps her session', async () => {
  const signIn = {
    at: '2030-01-07T15:00:00.000Z',
    kind: 'signIn',
    session: 'session-00000000000001',
    agent: 'agent-1',
    lines: 2,
  };
  const other = { ...signIn, session: 'session-00000000000002', agent: 'agent-2' };
  const text = [header, ...[signIn, signIn, other].map((entry) => JSON.stringify(entry))].join(
    '\n',
  );
  const { replayed, breaks } = await judge(parseRecording('file', text));
  expect(replayed.sessions.map(({ sessionId }) => sessionId)).toEqual([
    'session-00000000000001',
    'session-00000000000002',
  ]);
  expect(breaks).toEqual([]);
});
