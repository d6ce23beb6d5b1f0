import Papa from 'papaparse';
import type { ExportedLead, LeadBook } from './lead-book.ts';

const LEADS_PER_STEP = 2000;
/** What a spreadsheet would take for a formula (threat T13). */
const FORMULA = /^[=+\-@\t\r\0]/;
const OWN = [
  'name',
  'phone',
  'state',
  'outcome',
  'disposition',
  'notes',
  'last call ended at',
  'calls',
] as const;

/**
 * The list as RFC 4180 CSV, a part at a time: our own columns, then every column of the list it came from. A cell that
 * a spreadsheet would run as a formula gets a `'` in front; numbers lose their `+`, so that they need none.
 */
export async function* exportLeads(book: LeadBook): AsyncGenerator<string> {
  const columns = await book.columnNames();
  yield line([...OWN.map((name) => `auto-connect ${name}`), ...columns]);
  for (let after = 0; ;) {
    const leads = await book.export(after, LEADS_PER_STEP);
    const last = leads.at(-1);
    if (!last) return;
    after = last.id;
    yield leads.map((lead) => line(cellsOf(lead, columns))).join('');
  }
}

function cellsOf(lead: ExportedLead, columns: readonly string[]): string[] {
  const { name, phone, state, outcome, disposition, notes, endedAt, attempts } = lead;
  return [
    name,
    phone.replace('+', ''),
    state,
    outcome ?? '',
    disposition ?? '',
    notes,
    endedAt === null ? '' : new Date(endedAt).toISOString(),
    `${attempts}`,
    ...columns.map((column) => withoutPlus(lead.columns[column] ?? '')),
  ];
}

/** `+1 212 …` is a telephone number far more often than a sum. */
const withoutPlus = (cell: string): string => (/^\+[\d\s().-]+$/.test(cell) ? cell.slice(1) : cell);

const line = (cells: readonly string[]): string =>
  `${Papa.unparse([cells.map((cell) => (FORMULA.test(cell) ? `'${cell}` : cell))])}\r\n`;
