import { describe, expect, test } from 'vitest';
import type { CallId, LeadId, SessionId } from '../../src/domain/ids.ts';
import { GroupCommit } from '../../src/journal/group-commit.ts';
import { openStore } from '../../src/journal/sqlite-store.ts';
import { StoreDatabase } from '../../src/journal/store-database.ts';
import { SqliteLeads } from '../../src/leads/sqlite-leads.ts';
import { testFolder } from '../journal/folder.ts';
import { leads, leadsContract } from './leads-contract.ts';

const ada = 'ada'.padEnd(22, '_') as SessionId;

describe('leads in SQLite', () => {
  const path = testFolder();

  /** The store without its thread, which the crash tests cover. */
  leadsContract(async (list) => {
    const db = new StoreDatabase({ path: path(), seed: [] });
    const own = new SqliteLeads(new GroupCommit(async (group) => db.commit(group)));
    await own.add(list);
    return own;
  });

  test('reservations, outcomes and notes outlive a restart', async () => {
    const first = await openStore(path(), { seedLeads: leads(3) });
    await first.leads.reserve(ada, 2);
    const callId = 'a'.repeat(22) as CallId;
    await first.leads.recordOutcome({
      leadId: 'lead-1' as LeadId,
      callId,
      outcome: 'talked',
      at: 1,
    });
    await first.leads.recordDisposition({
      callId,
      disposition: 'interested',
      notes: 'yes',
      at: 2,
    });
    const before = await first.leads.list();
    await first.close();
    const second = await openStore(path());
    expect(await second.leads.list()).toEqual(before);
    expect(await second.leads.reserved()).toEqual([{ leadId: 'lead-2', sessionId: ada }]);
    expect((await second.leads.reserve(ada, 9)).map(({ leadId }) => leadId)).toEqual(['lead-3']);
    await second.close();
  });

  test('a disposition that comes before its outcome is kept', async () => {
    const store = await openStore(path(), { seedLeads: leads(1) });
    const callId = 'a'.repeat(22) as CallId;
    const leadId = 'lead-1' as LeadId;
    await store.leads.reserve(ada, 1);
    await store.leads.recordDisposition({ callId, disposition: 'interested', notes: 'n', at: 1 });
    await store.leads.recordOutcome({ leadId, callId, outcome: 'talked', at: 2 });
    expect((await store.leads.list())[0]).toMatchObject({
      outcome: 'talked',
      disposition: 'interested',
      notes: 'n',
    });
    await store.close();
  });

  test('adding a list twice adds nothing the second time', async () => {
    const store = await openStore(path());
    expect(await store.leads.add(leads(5))).toBe(5);
    await store.leads.reserve(ada, 1);
    expect(await store.leads.add(leads(7))).toBe(2);
    expect((await store.leads.list()).map(({ state }) => state)).toEqual([
      'reserved',
      ...Array<string>(6).fill('waiting'),
    ]);
    await store.close();
  });
});
