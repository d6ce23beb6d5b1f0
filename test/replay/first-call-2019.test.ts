import { expect, test } from 'vitest';
import { parseRecording, readRecording } from '../../src/replay/read-recording.ts';
import { judge, toJson } from '../../src/replay/verdict.ts';

const FILE = 'test/recordings/2019-first-call.txt';
const LEAD = 'CA00000000000000000000000000000002';

const replayed = async () => judge(await readRecording(FILE));

test('every POST of the recorded call of 2019 is recognised', async () => {
  const { requests, recognised, unrecognised, rows } = await replayed();
  expect({ requests, recognised, unrecognised }).toEqual({
    requests: 7,
    recognised: 7,
    unrecognised: [],
  });
  expect(rows.filter((row) => row.step?.step === 'webhook').map((row) => row.kind)).toEqual([
    'consume',
    'codeKeyed',
    'enqueue',
    'bridging',
    'onDequeue',
    'stopConsuming',
    'callStatus',
  ]);
});

test('the page is told "answered" once and "ended" once, where 2019 told "answered" twice', async () => {
  const verdict = await replayed();
  expect(toJson(verdict)).toMatchObject({
    sessions: [{ finalState: 'idle' }],
    calls: [{ callSid: LEAD, outcome: 'talked', answeredNotices: 1, endedNotices: 1 }],
  });
  const told = verdict.rows.flatMap((row) => row.notices.map((notice) => [row.kind, notice.type]));
  expect(told).toEqual([
    ['bridging', 'answered'],
    ['onDequeue', 'ended'],
  ]);
});

test('the call is completed at the end and was never told its SID before it needed it', async () => {
  const { replayed: end, rows } = await replayed();
  expect(end.calls).toMatchObject([{ state: 'completed' }]);
  expect(rows.find((row) => row.kind === 'enqueue')?.plan?.plan).toBe('enqueue');
});

test('the behaviour of 2019 breaks S6, S5 and S9; ours breaks nothing', async () => {
  const { breaks } = await replayed();
  expect(breaks.filter(({ by }) => by === 'ours')).toEqual([]);
  expect(breaks.map(({ invariant }) => invariant).toSorted()).toEqual([
    'S5',
    'S6',
    'S9',
    'S9',
    'S9',
  ]);
  expect(breaks.find(({ invariant }) => invariant === 'S6')?.detail).toContain('lines 218 and 256');
});

test('an answer of 2019 is compared by its document: the counted bytes less their chunk framing', async () => {
  const { differences } = await replayed();
  const recorded = differences.map(({ row, recorded: then }) => [
    row.kind,
    then.bytes,
    then.decision,
  ]);
  expect(recorded).toContainEqual(['consume', 213, 'prompt']);
  expect(recorded).toContainEqual(['codeKeyed', 251, 'dialQueue']);
  expect(recorded).toContainEqual(['enqueue', 162, 'enqueue']);
});

test('only the answer to Enqueue’s action is another decision today', async () => {
  const { differences } = await replayed();
  const decided = differences.filter(({ recorded, ours }) => recorded.decision !== ours.decision);
  expect(decided.map(({ row }) => row.kind)).toEqual(['onDequeue']);
});

test('the same log without prefixes, and with Windows line ends, gives the same verdict', async () => {
  const { readFile } = await import('node:fs/promises');
  const text = await readFile(FILE, 'utf8');
  const expected = toJson(await replayed());
  const bare = text.replaceAll(/^ *app-(?:core|proxy) +\| ?/gm, '');
  for (const variant of [bare, text.replaceAll('\n', '\r\n'), `\uFEFF${text}`]) {
    expect(toJson(await judge(parseRecording(FILE, variant)))).toEqual(expected);
  }
});

test('wherever the log is cut off, nothing is thrown and nothing that speaks of Twilio is dropped silently', async () => {
  const { readFile } = await import('node:fs/promises');
  const lines = (await readFile(FILE, 'utf8')).split('\n');
  for (let end = 20; end < lines.length; end += 3) {
    const text = lines.slice(0, end).join('\n');
    const { unrecognised, recognised, breaks } = await judge(parseRecording(FILE, text));
    const opened = text.match(/(?:Call|Account)Sid['"]?: ['"](?:CA|AC)/g) ?? [];
    expect(opened.length === 0 || recognised + unrecognised.length > 0).toBe(true);
    expect(breaks.filter(({ by }) => by === 'ours')).toEqual([]);
  }
});

test('a log that begins in mid-call is understood from there on', async () => {
  const { readFile } = await import('node:fs/promises');
  const lines = (await readFile(FILE, 'utf8')).split('\n');
  const text = lines
    .slice(lines.findIndex((line) => line.includes('app-core    | null')))
    .join('\n');
  const verdict = await judge(parseRecording(FILE, text));
  expect(verdict.recognised).toBe(5);
  expect(toJson(verdict)['calls']).toMatchObject([
    { callSid: LEAD, answeredNotices: 1, endedNotices: 1 },
  ]);
});
