import { expect, test } from 'vitest';
import { parseRecording, readRecording } from '../../src/replay/read-recording.ts';
import { writeOwnFormat } from '../../src/replay/own-format.ts';
import { shrink } from '../../src/replay/shrink.ts';
import { judge } from '../../src/replay/verdict.ts';

const FIRST_CALL = 'test/recordings/2019-first-call.txt';

test('the two "answered" notices of 2019 shrink to the requests that show them, and still break S6', async () => {
  const shrunk = await shrink(await readRecording(FIRST_CALL), 'S6');
  expect(shrunk?.to).toBeLessThanOrEqual(3);

  const again = await judge(parseRecording('smallest', writeOwnFormat(shrunk!.recording)));
  expect(again.breaks).toContainEqual(expect.objectContaining({ invariant: 'S6', by: 'recorded' }));
});

test('no entry of the smallest recording can be spared', async () => {
  const shrunk = await shrink(await readRecording(FIRST_CALL), 'S6');
  const { recording, fault } = shrunk!;
  for (const spared of recording.entries) {
    const entries = recording.entries.filter((entry) => entry !== spared);
    expect(fault.isIn(await judge({ ...recording, entries }))).toBe(false);
  }
});

test('another decision than the recorded one shrinks too, without a broken invariant', async () => {
  const source = await readRecording('test/recordings/late-loser.ndjson');
  const entries = source.entries.map((entry) => {
    if (entry.kind !== 'request' || !entry.answered?.body?.includes('<Enqueue')) return entry;
    const body = '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup/></Response>';
    return { ...entry, answered: { ...entry.answered, body, bodyBytes: body.length } };
  });
  const shrunk = await shrink({ ...source, entries });
  expect(shrunk?.fault.name).toBe('answer differs: enqueue end / enqueue');
  expect(shrunk?.to).toBeLessThan(entries.length / 2);
});

test('a recording without a fault is not shrunk', async () => {
  expect(await shrink(await readRecording('test/recordings/busy-lead.ndjson'))).toBeNull();
});
