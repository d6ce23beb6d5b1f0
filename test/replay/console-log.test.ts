import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parseRecording } from '../../src/replay/read-recording.ts';
import { judge, toJson } from '../../src/replay/verdict.ts';
import { ConsoleOf2019 } from './console-of-2019.ts';

const { agent, lead } = ConsoleOf2019;
const judged = (text: string) => judge(parseRecording('console.txt', text));
const ours = ({ breaks }: Awaited<ReturnType<typeof judged>>) =>
  breaks.filter(({ by }) => by === 'ours');

test('of three leads that answer at once the bridged one had the queue, by the bytes of the answers', async () => {
  const log = new ConsoleOf2019().phonedIn('958673').called(3);
  log.say('null').posted('enqueue', 101);
  log.say(lead(2)).say('hanging up').posted('enqueue', 79);
  log.bridged(lead(2)).later(1);
  log.ended(lead(1), 'completed', 1).ended(lead(3), 'busy', 0).later(20);
  log.posted('stop-consuming', 0, 'consume').ended(lead(2), 'completed', 22);
  const verdict = await judged(log.text);

  expect(verdict.unrecognised).toEqual([]);
  const enqueues = verdict.rows.filter(({ kind }) => kind === 'enqueue');
  expect(enqueues.map(({ callSid, plan }) => [callSid, plan?.plan])).toEqual([
    [lead(2), 'enqueue'],
    [lead(1), 'notice'],
  ]);
  expect(toJson(verdict)).toMatchObject({
    sessions: [{ finalState: 'idle' }],
    calls: [
      { callSid: lead(1), outcome: 'abandoned', answeredNotices: 0, endedNotices: 1 },
      { callSid: lead(2), outcome: 'talked', answeredNotices: 1, endedNotices: 1 },
      { callSid: lead(3), outcome: 'busy', answeredNotices: 0, endedNotices: 1 },
    ],
  });
  expect(ours(verdict)).toEqual([]);
  const refused = verdict.differences.find(
    ({ row }) => row.callSid === lead(1) && row.kind === 'enqueue',
  );
  expect(refused?.recorded).toMatchObject({ decision: 'end', saidHangingUp: true });
});

test('a SID that is printed after the call’s first webhook is the registration race', async () => {
  const log = new ConsoleOf2019()
    .phonedIn('958673')
    .say('initiating twilio call')
    .say('creating twilio call');
  log.later(2).say('null').posted('enqueue', 173).bridged(lead(1));
  log.say(`00000000-0000-4000-8000-000000000001 ${lead(1)}`);
  log.later(9).posted('stop-consuming', 0, 'consume').ended(lead(1), 'completed', 10);
  const verdict = await judged(log.text);

  const kinds = verdict.rows.map(({ kind }) => kind);
  expect(kinds.indexOf('dial')).toBeLessThan(kinds.indexOf('enqueue'));
  expect(kinds.indexOf('created')).toBeGreaterThan(kinds.indexOf('bridging'));
  expect(toJson(verdict)['calls']).toMatchObject([{ outcome: 'talked', answeredNotices: 1 }]);
});

test('an agent who phones in again after each talk serves lead after lead', async () => {
  const second = 'CA000000000000000000000000000000a2';
  const log = new ConsoleOf2019().phonedIn('1234').called(1);
  log.say('null').posted('enqueue', 99).bridged(lead(1)).later(30);
  log.posted('stop-consuming', 0, 'consume').ended(lead(1), 'completed', 31).later(5);
  log.phonedIn('1234', second).say('initiating twilio call').say('creating twilio call');
  log.say(`00000000-0000-4000-8000-000000000001 ${lead(2)}`).later(4);
  log.say('null').posted('enqueue', 99).bridged(lead(2), second).later(30);
  log.posted('stop-consuming', 0, 'consume').ended(lead(2), 'completed', 31);
  const verdict = await judged(log.text);

  expect(verdict.unrecognised).toEqual([]);
  expect(toJson(verdict)).toMatchObject({
    sessions: [{ finalState: 'idle' }],
    calls: [
      { callSid: lead(1), outcome: 'talked' },
      { callSid: lead(2), outcome: 'talked' },
    ],
  });
  expect(ours(verdict)).toEqual([]);
});

test('a wrong code before the right one is refused, as it was then', async () => {
  const log = new ConsoleOf2019();
  const common = {
    CallSid: agent,
    AccountSid: 'AC00000000000000000000000000000001',
    Direction: 'inbound',
  };
  log
    .inspected({ ...common, CallStatus: 'ringing' })
    .posted('consume', 224)
    .later(3);
  log.inspected({ ...common, msg: 'Gather End', Digits: '111111', CallStatus: 'in-progress' });
  log.posted('consume', 79, 'consume').later(3);
  const verdict = await judged(log.text);
  expect(verdict.rows.at(-1)).toMatchObject({ kind: 'codeKeyed', anomalies: ['codeRefused'] });
});

test('an agent who is bridged with two leads at once breaks S1 in the recording', async () => {
  const log = new ConsoleOf2019().phonedIn('958673').called(2);
  log.posted('enqueue', 173).posted('enqueue', 173).bridged(lead(1)).bridged(lead(2)).later(9);
  const { breaks } = await judged(log.text);
  expect(breaks).toContainEqual(expect.objectContaining({ invariant: 'S1', by: 'recorded' }));
});

test('an object that is cut off, and a path that nobody knows, are listed with their lines', async () => {
  const log = new ConsoleOf2019().phonedIn('958673').posted('consume-all', 12);
  const lines = log.text.split('\n').filter((line) => line !== '');
  const cut = [
    ...lines,
    `app-core    | { CallSid: '${agent}',`,
    "app-core    |   AccountSid: 'AC00",
  ].join('\n');
  const { unrecognised, recognised, requests } = await judged(cut);
  expect(unrecognised.map(({ line }) => line)).toEqual([lines.length, lines.length + 1]);
  expect([recognised, requests]).toEqual([2, 4]);
});

test('colours, other prefixes, null prototypes and one-line objects are read', async () => {
  const text = [
    '\u001B[36mapi_1  |\u001B[0m [Object: null prototype] {',
    `api_1  |   CallSid: '${agent}',`,
    "api_1  |   AccountSid: 'AC00000000000000000000000000000001',",
    "api_1  |   Direction: 'inbound', CallStatus: 'ringing' }",
    `api_1  | {"CallSid":"${agent}","AccountSid":"AC00000000000000000000000000000001","msg":"Gather End","Digits":"958673","Direction":"inbound","CallStatus":"in-progress"}`,
  ].join('\n');
  const { rows, unrecognised } = await judged(text);
  expect(unrecognised).toEqual([]);
  expect(rows.map(({ kind }) => kind)).toEqual(['signIn', 'consume', 'codeKeyed']);
});

test('without a proxy’s lines, what came after proves that a lead was queued', async () => {
  const text = await readFile('test/recordings/2019-first-call.txt', 'utf8');
  const verdict = await judged(text.replaceAll(/^app-proxy.*\n/gm, ''));
  expect(verdict.recognised).toBe(5);
  expect(verdict.rows.find(({ kind }) => kind === 'enqueue')?.inferred).toHaveLength(1);
  expect(toJson(verdict)['calls']).toMatchObject([
    { outcome: 'talked', answeredNotices: 1, endedNotices: 1 },
  ]);
  expect(ours(verdict)).toEqual([]);
});

test('an agent who phones in again had hung up, though no line tells it', async () => {
  const second = 'CA000000000000000000000000000000a2';
  const log = new ConsoleOf2019().phonedIn('958673').later(60).phonedIn('958673', second);
  const verdict = await judged(log.text);
  expect(verdict.rows.at(-1)).toMatchObject({ event: 'consumer.connected', anomalies: [] });
});

test('lines that begin with their time give it to what they print', async () => {
  const log = new ConsoleOf2019().phonedIn('958673');
  const lines = log.text.split('\n').filter((line) => line.startsWith('app-core'));
  const timed = lines.map((line) => line.replace('| ', '| 2019-01-28T12:34:56.789Z '));
  const { rows, unrecognised } = await judged(timed.join('\n'));
  expect(unrecognised).toEqual([]);
  expect(rows.at(-1)?.at).toBe(Date.UTC(2019, 0, 28, 12, 34, 56, 789));
});
