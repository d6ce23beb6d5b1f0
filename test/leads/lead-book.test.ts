import Database from 'libsql';
import Papa from 'papaparse';
import { expect, onTestFinished, test } from 'vitest';
import type { AgentId, CallId, LeadId, SessionId } from '../../src/domain/ids.ts';
import { openStore, type Store } from '../../src/journal/sqlite-store.ts';
import { exportLeads } from '../../src/leads/lead-export.ts';
import { readLeadFile } from '../../src/leads/lead-file-thread.ts';
import { testFolder } from '../journal/folder.ts';
import { leads } from './leads-contract.ts';

const path = testFolder();
const ada = 'ada'.padEnd(22, '_') as SessionId;
const agentId = 'ada' as AgentId;
const call = (name: string): CallId => name.padEnd(22, '-') as CallId;
const ALL = { search: '', state: null, offset: 0, limit: 200 };

async function open(count = 0): Promise<Store> {
  const store = await openStore(path(), { seedLeads: leads(count) });
  onTestFinished(() => store.close());
  return store;
}

async function importText(store: Store, text: string) {
  const file = await readLeadFile(
    { bytes: new TextEncoder().encode(text), mapping: null, country: 'US' },
    (phones) => store.book.known(phones),
  );
  return { ...file, added: await store.book.import(file.importId, file.batches) };
}

test('a list is looked at through a window, and searched by name, column or number', async () => {
  const store = await open(30);
  const page = await store.book.page({ ...ALL, offset: 10, limit: 3 });
  expect(page.rows.map(({ leadId }) => leadId)).toEqual(['lead-11', 'lead-12', 'lead-13']);
  expect(page).toMatchObject({ total: 30, counts: { waiting: 30, reserved: 0, done: 0 } });
  const totals = async (search: string) => (await store.book.page({ ...ALL, search })).total;
  expect(await totals('“7”')).toBe(1);
  expect(await totals('são paulo')).toBe(30);
  expect(await totals('(315) 555-0104')).toBe(1);
  expect(await totals('nobody')).toBe(0);
});

test('a window of one state counts what is in that state', async () => {
  const store = await open(5);
  await store.leads.reserve(ada, 2);
  const page = await store.book.page({ ...ALL, state: 'reserved' });
  expect(page.rows.map(({ leadId }) => leadId)).toEqual(['lead-1', 'lead-2']);
  expect(page.total).toBe(2);
});

test('a file goes into the list with all its columns, but for bad rows, twins and who is there', async () => {
  const store = await open(2);
  const text =
    'Tel,Name,Note\n3155550100,Seed,x\n2125550101,Ada,"a, b"\n2125550101,Twin,\n12,Bad,\n';
  const { preview, added } = await importText(store, text);
  expect(preview.problems.map(({ line, reason }) => [line, reason])).toEqual([
    [2, 'inList'],
    [4, 'twiceInFile'],
    [5, 'notAPhone'],
  ]);
  expect(added).toBe(1);
  const given = await store.leads.reserve(ada, 9);
  expect(given.at(-1)).toMatchObject({
    name: 'Ada',
    columns: { Tel: '2125550101', Name: 'Ada', Note: 'a, b' },
  });
  expect(given.at(-1)?.phone.e164).toBe('+12125550101');
});

test('a file that is imported twice, or by two at once, is in the list once', async () => {
  const store = await open();
  const text = 'Phone\n2125550101\n2125550102\n';
  await Promise.all([importText(store, text), importText(store, text)]);
  expect((await importText(store, text)).added).toBe(0);
  expect((await store.book.page(ALL)).total).toBe(2);
});

test('an import that fails half-way leaves nothing behind', async () => {
  const store = await open();
  const good = JSON.stringify([['a', 'Ada', '+12125550101', '{}']]);
  const bad = JSON.stringify([['b', null, '+12125550102', '{}']]);
  await expect(store.book.import('i', [good, bad])).rejects.toThrow('NOT NULL');
  expect((await store.book.page(ALL)).total).toBe(0);
});

const batch = (n: number) => JSON.stringify([[`l${n}`, `Lead ${n}`, `+1212555010${n}`, '{}']]);

test('nobody of an import is called before it is complete, and a crash in it leaves nothing', async () => {
  const file = path();
  const store = await openStore(file);
  const given: number[] = [];
  let asked = Promise.resolve();
  await store.book.import('whole', [batch(1), batch(2)], () => {
    asked = asked.then(async () => void given.push((await store.leads.reserve(ada, 9)).length));
  });
  await asked;
  expect(given[0]).toBe(0);
  await store.close();

  const db = new Database(file);
  db.exec(`INSERT INTO import_open VALUES ('cut');
    INSERT INTO lead (lead_id, name, phone, columns, turn, import_id) VALUES ('x', 'X', '+12125550109', '{}', 9, 'cut')`);
  db.close();
  const again = await openStore(file);
  onTestFinished(() => again.close());
  expect((await again.book.page(ALL)).rows.map(({ leadId }) => leadId)).toEqual(['l1', 'l2']);
});

test('earlier calls to a number are remembered, also when the list was cleared and read again', async () => {
  const store = await open();
  await importText(store, 'Phone,Name\n2125550101,Ada\n');
  const [lead] = await store.leads.reserve(ada, 1);
  const leadId = lead?.leadId as LeadId;
  const first = call('first');
  await store.leads.recordOutcome({ leadId, callId: first, outcome: 'talked', at: 5, agentId });
  await store.leads.recordDisposition({
    callId: first,
    disposition: 'callBack',
    notes: 'at 5',
    at: 6,
  });
  expect(await store.book.clear()).toBe(1);
  await importText(store, 'Phone,Name\n2125550101,Ada again\n');
  expect(await store.book.attempts('+12125550101', call('now'))).toEqual([
    { callId: first, endedAt: 5, outcome: 'talked', disposition: 'callBack', notes: 'at 5' },
  ]);
  expect(await store.book.attempts('+12125550101', first)).toEqual([]);
});

test('who is being called stays on the list when it is cleared', async () => {
  const store = await open(3);
  await store.leads.reserve(ada, 1);
  expect(await store.book.clear()).toBe(2);
  expect((await store.book.page(ALL)).rows.map(({ leadId }) => leadId)).toEqual(['lead-1']);
});

test('started over, everybody who is done is called again in the old order', async () => {
  const store = await open(3);
  await store.leads.reserve(ada, 3);
  for (const n of [2, 1]) {
    const leadId = `lead-${n}` as LeadId;
    await store.leads.recordOutcome({ leadId, callId: call(`c${n}`), outcome: 'busy', at: n });
  }
  expect(await store.book.startOver()).toBe(2);
  expect((await store.leads.reserve(ada, 9)).map(({ leadId }) => leadId)).toEqual([
    'lead-1',
    'lead-2',
  ]);
});

test('a draft of notes is kept, and never replaces what was recorded', async () => {
  const store = await open(1);
  const callId = call('a');
  await store.book.saveNotes(callId, 'draft');
  expect(await store.book.notesOf(callId)).toEqual({ notes: 'draft', disposition: null });
  await store.leads.recordDisposition({ callId, disposition: 'interested', notes: 'final', at: 1 });
  await store.book.saveNotes(callId, 'late draft');
  expect(await store.book.notesOf(callId)).toEqual({ notes: 'final', disposition: 'interested' });
});

test('figures count one agent’s calls of the day, whatever session they were in', async () => {
  const store = await open(4);
  await store.leads.reserve(ada, 4);
  const record = (n: number, outcome: 'talked' | 'busy' | 'abandoned', at: number, who = agentId) =>
    store.leads.recordOutcome({
      leadId: `lead-${n}` as LeadId,
      callId: call(`c${n}`),
      outcome,
      at,
      agentId: who,
      talkMs: outcome === 'talked' ? 60_000 : null,
      waitedMs: outcome === 'talked' ? 300 : null,
    });
  await record(1, 'talked', 100);
  await record(2, 'abandoned', 200);
  await record(3, 'busy', 50); // yesterday
  await record(4, 'talked', 300, 'ben' as AgentId);
  await store.leads.recordDisposition({
    callId: call('c1'),
    disposition: 'callBack',
    notes: '',
    at: 101,
  });
  expect(await store.book.figures(agentId, 100)).toEqual({
    calls: 2,
    talks: 1,
    talkMs: 60_000,
    abandoned: 1,
    dispositions: { callBack: 1 },
  });
  expect(await store.book.stretches(100, 100)).toEqual([
    { at: 100, answered: 1, abandoned: 0, waitedMs: 300, waitedMostMs: 300 },
    { at: 200, answered: 1, abandoned: 1, waitedMs: null, waitedMostMs: null },
    { at: 300, answered: 1, abandoned: 0, waitedMs: 300, waitedMostMs: 300 },
  ]);
});

test('an export can be read back, and nothing in it runs as a formula', async () => {
  const store = await open();
  const cells = [
    '=1+1',
    '+1 212 555 0102',
    '-2',
    '@SUM(A1)',
    '\tx',
    'a "quoted", cell\nof two lines',
  ];
  await importText(
    store,
    Papa.unparse([
      ['Phone', 'Name', ...cells.map((_, i) => `c${i}`)],
      ['2125550101', '=HYPERLINK()', ...cells],
    ]),
  );
  let text = '';
  for await (const part of exportLeads(store.book)) text += part;
  const [header = [], row = []] = Papa.parse<string[]>(text.trim()).data;
  expect(row.filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([]);
  const value = (name: string) => row[header.indexOf(name)];
  expect(value('auto-connect phone')).toBe('12125550101');
  expect(value('auto-connect name')).toBe("'=HYPERLINK()");
  expect(value('c1')).toBe('1 212 555 0102');
  expect(value('c5')).toBe(cells[5]);
  expect(value('auto-connect state')).toBe('waiting');
});
