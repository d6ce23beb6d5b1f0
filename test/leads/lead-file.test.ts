import { expect, test } from 'vitest';
import type { Mapping } from '../../src/domain/lead-import.ts';
import {
  decodeLeadFile,
  guessMapping,
  LeadFileError,
  parseLeadFile,
  previewOf,
  readPhone,
  readRows,
} from '../../src/leads/lead-file.ts';

const read = (text: string, mapping?: Mapping, known: string[] = []) => {
  const file = parseLeadFile(text);
  const rows = readRows(file, mapping ?? guessMapping(file, 'US'), 'US');
  return previewOf(file, rows, new Set(known));
};
const problemOf = (act: () => unknown) => {
  try {
    act();
  } catch (error) {
    if (error instanceof LeadFileError) return [error.problem, error.line];
    throw error;
  }
  return null;
};

test.for([
  ['Phone,Name', { phone: 0, name: 1, surname: null }],
  ['Contact,City,mobile', { phone: 2, name: 0, surname: null }],
  ['First Name;Last Name;Telephone number', { phone: 2, name: 0, surname: 1 }],
  ['who,what', { phone: 1, name: null, surname: null }],
] as const)(
  'the columns of "%s" are guessed by name, or by what stands in them',
  ([header, want]) => {
    const delimiter = header.includes(';') ? ';' : ',';
    const width = header.split(delimiter).length;
    const cells = Array.from({ length: width }, (_, index) =>
      index === want.phone ? '(212) 555-0101' : `Ada ${index}`,
    );
    const file = parseLeadFile(`${header}\n${cells.join(delimiter)}\n`);
    expect(guessMapping(file, 'US')).toEqual(want);
  },
);

test.for([
  ['(212) 555-0101', '+12125550101'],
  ['212.555.0101', '+12125550101'],
  ['1-212-555-0101', '+12125550101'],
  [' +1 212 555 0101 ', '+12125550101'],
  ['', 'noPhone'],
  ['call me', 'notAPhone'],
  ['911', 'notAPhone'],
  ['555-0101', 'notAPhone'],
  ['2125550101abc', 'notAPhone'],
  ['212 555 0101 ext. 7', 'extension'],
  ['+1 900 555 0101', 'premium'],
] as const)('a number written as "%s" is %s', ([text, want]) => {
  const reading = readPhone(text, 'US');
  expect('phone' in reading ? reading.phone : reading.problem).toBe(want);
});

test('bad rows and duplicates are named by line and reason, also behind quoted line ends and empty lines', () => {
  const preview = read(
    [
      'Name,Phone,Note',
      'Ada,(212) 555-0101,"two',
      'lines"',
      '',
      'Ben,12,x',
      'Cy,+12125550101,same as Ada',
      'Di,212-555-0104,in the list',
      'Ed,,none',
      `Flo,212-555-0106,${'é'.repeat(600)}`,
      'Gus,212 555 0107,good',
    ].join('\r\n'),
    undefined,
    ['+12125550104'],
  );
  expect(preview.problems.map(({ line, reason }) => [line, reason])).toEqual([
    [5, 'notAPhone'],
    [6, 'twiceInFile'],
    [7, 'inList'],
    [8, 'noPhone'],
    [9, 'cellTooLong'],
  ]);
  expect(preview).toMatchObject({ rows: 7, good: 2, bad: 3, duplicates: 2 });
  expect(preview.sample[0]).toEqual(['Ada', '(212) 555-0101', 'two\r\nlines']);
});

test('of many problems fifty are listed and all are counted', () => {
  const preview = read(`Phone\n${'x\n'.repeat(80)}`);
  expect(preview.problems).toHaveLength(50);
  expect(preview.bad).toBe(80);
});

test('a byte order mark, twin columns and columns without a name lose nothing', () => {
  const text = decodeLeadFile(new TextEncoder().encode('\uFEFFPhone,City,City,\n2125550101,a,b,c'));
  expect(parseLeadFile(text).columns).toEqual(['Phone', 'City', 'City (2)', 'Column 4']);
});

test('a file that cannot be read at all says why, and where', () => {
  const many = `Phone\n${'1\n'.repeat(100_001)}`;
  expect(problemOf(() => decodeLeadFile(new Uint8Array([0xff, 0xfe, 0x41])))).toEqual([
    'notText',
    null,
  ]);
  expect(problemOf(() => decodeLeadFile(new Uint8Array(10 * 1024 * 1024 + 1)))).toEqual([
    'tooBig',
    null,
  ]);
  expect(problemOf(() => parseLeadFile(' \n\n'))).toEqual(['empty', null]);
  expect(problemOf(() => parseLeadFile('Phone,Name\n'))).toEqual(['noRows', null]);
  expect(problemOf(() => parseLeadFile(many))).toEqual(['tooManyRows', null]);
  expect(problemOf(() => parseLeadFile('Phone,Name\n1,"open\n2,b\n'))).toEqual(['openQuote', 2]);
});
