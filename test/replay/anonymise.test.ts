import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { anonymise } from '../../src/replay/anonymise.ts';
import { isNobodys, numbersIn } from '../../src/replay/numbers.ts';
import { parseRecording } from '../../src/replay/read-recording.ts';
import { judge, toJson } from '../../src/replay/verdict.ts';

/** Somebody's, so never written as one word here. */
const real = (end: string): string => ['+1', '315', '867', end].join('');
const SID = `CA${'ab12cd34'.repeat(4)}`;

test('a number becomes the same 555-01xx number wherever it stands, in forms and addresses too', () => {
  const text = `To: '${real('5309')}' From=%2B${real('5310').slice(1)}&To=%2B${real('5309').slice(1)} "${real('5310')}"`;
  const safe = anonymise(text);
  const numbers = numbersIn(safe).map(({ digits }) => digits);
  expect(numbers.every(isNobodys)).toBe(true);
  expect(numbers[0]).toBe(numbers[2]);
  expect(numbers[1]).toBe(numbers[3]);
  expect(new Set(numbers).size).toBe(2);
});

test('a number in a sentence is the same number, in the way it was written', () => {
  const [area, exchange] = ['315', '867'];
  const text = `${real('5309')} is (${area}) ${exchange}-5309, ${area}-${exchange}-5309 or 1-${area}-${exchange}-5309`;
  const safe = anonymise(text);
  expect(safe).toBe('+12125550100 is (212) 555-0100, 212-555-0100 or 1-212-555-0100');
  expect(anonymise('2019-01-27 16:47:56.123 and 10.123.456.7890')).toContain(
    '2019-01-27 16:47:56.123',
  );
});

test('many numbers get several area codes, and a number that is nobody’s already is not given twice', () => {
  const text = [
    '+12125550100',
    ...Array.from({ length: 900 }, (_, n) => real(String(1000 + n))),
  ].join('\n');
  const numbers = numbersIn(anonymise(text)).map(({ digits }) => digits);
  expect(new Set(numbers).size).toBe(901);
  expect(new Set(numbers.map((digits) => digits.slice(1, 4))).size).toBeGreaterThan(100);
});

test('ids keep their kind and length; places, names, codes, addresses and signatures go', () => {
  const text = `{ ToCity: "COEUR D'ALENE", body: "{\\"FromCity\\":\\"BOZEMAN\\"}", CallSid: '${SID}', FromCity: 'SPRINGFIELD', CallerName: 'JANE ROE', Digits: '483920' }
10.1.2.3 "X-Twilio-Signature": "abc=" queue-483920`;
  const safe = anonymise(text);
  expect(safe).toContain(`CallSid: 'CA${'0'.repeat(31)}1'`);
  expect(safe).not.toMatch(/COEUR|ALENE|BOZEMAN|SPRINGFIELD|JANE|483920|10\.1\.2\.3|abc=/);
  const code = /Digits: '(\d{6})'/.exec(safe)?.[1];
  expect(safe).toContain(`queue-${code}`);
});

test('anonymising twice is anonymising once', async () => {
  for (const file of ['2019-first-call.txt', 'two-agents.ndjson']) {
    const once = anonymise(await readFile(`test/recordings/${file}`, 'utf8'));
    expect(anonymise(once)).toBe(once);
  }
});

test('an anonymised recording replays to the same verdict, but for names', async () => {
  for (const file of ['2019-first-call.txt', 'two-agents.ndjson', 'late-loser.ndjson']) {
    const text = await readFile(`test/recordings/${file}`, 'utf8');
    const outcomes = async (of: string) => {
      const verdict = await judge(parseRecording(file, of));
      const { calls } = verdict.replayed;
      return [
        calls.map(({ outcome, answeredNotices, endedNotices }) => [
          outcome,
          answeredNotices,
          endedNotices,
        ]),
        verdict.rows.map(({ kind, at, plan }) => [kind, at, plan?.plan]),
        verdict.breaks.map(({ invariant, by }) => [invariant, by]),
        (toJson(verdict)['sessions'] as unknown[]).length,
      ];
    };
    expect(await outcomes(anonymise(text))).toEqual(await outcomes(text));
  }
});

const entry = (postData: object) => ({
  startedDateTime: '2030-01-07T15:00:00.000Z',
  request: {
    method: 'POST',
    url: 'https://dialer.example.com/twilio-webhook/consume',
    headers: [{ name: 'X-Twilio-Signature', value: 'abc=' }],
    postData,
  },
  response: { status: 200, content: { size: 0, text: '' } },
});

test('in a HAR file, names of fields stay and values of people go, in both notations', async () => {
  const pairs = [
    { name: 'CallSid', value: SID },
    { name: 'AccountSid', value: `AC${'ab12cd34'.repeat(4)}` },
    { name: 'CallStatus', value: 'ringing' },
    { name: 'FromCity', value: 'SPRINGFIELD' },
    { name: 'From', value: real('5309') },
  ];
  const text = new URLSearchParams(
    Object.fromEntries(pairs.map(({ name, value }) => [name, value])),
  ).toString();
  const har = JSON.stringify({ log: { entries: [entry({ params: pairs }), entry({ text })] } });
  const safe = anonymise(har);

  expect(safe).not.toMatch(/SPRINGFIELD|abc=|ab12cd34/);
  const { entries } = parseRecording('safe.har', safe);
  const forms = entries.map((each) => (each.kind === 'request' ? each.form : null));
  expect(forms[0]).toEqual(forms[1]);
  expect(forms[0]).toMatchObject({ CallSid: `CA${'0'.repeat(31)}1`, FromCity: 'WESTON' });
});
