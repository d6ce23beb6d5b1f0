import { expect, test } from 'vitest';
import type { Leads } from '../../src/dialer/ports.ts';
import type { CallId, LeadId, SessionId } from '../../src/domain/ids.ts';
import type { Lead } from '../../src/domain/lead.ts';
import { PhoneNumber } from '../../src/domain/phone-number.ts';
import type { LeadRecord } from '../../src/leads/lead-record.ts';

export type ListedLeads = Leads & {
  list(): Promise<readonly LeadRecord[]> | readonly LeadRecord[];
};

const ada = 'ada'.padEnd(22, '_') as SessionId;
const ben = 'ben'.padEnd(22, '_') as SessionId;
const call = (name: string): CallId => name.padEnd(22, '-') as CallId;
const id = (n: number): LeadId => `lead-${n}` as LeadId;

export function leads(count: number): Lead[] {
  return Array.from({ length: count }, (_, index) => {
    const phone = PhoneNumber.parse(`+131555501${String(index).padStart(2, '0')}`);
    if (!phone) throw new Error('not E.164');
    return {
      leadId: id(index + 1),
      name: `Zoë “${index + 1}” O'Neil`,
      phone,
      columns: { city: 'São Paulo', 'notes, old': 'line 1\nline 2', '': '=1+1' },
    };
  });
}

const stateOf = async (list: ListedLeads, n: number) =>
  (await list.list()).find(({ lead }) => lead.leadId === id(n))?.state;
const idsOf = (given: readonly Lead[]) => given.map(({ leadId }) => leadId);

/** What every list must do; each suite runs it against its own. */
export function leadsContract(open: (leads: readonly Lead[]) => Promise<ListedLeads>): void {
  test('leads are given first come, first served, with everything that is known of them', async () => {
    const list = await open(leads(3));
    const given = await list.reserve(ada, 2);
    expect(given).toEqual(leads(3).slice(0, 2));
    expect(given.map(({ phone }) => phone.e164)).toEqual(['+13155550100', '+13155550101']);
    expect(await stateOf(list, 1)).toBe('reserved');
    expect(await stateOf(list, 3)).toBe('waiting');
  });

  test('no lead is given twice, however many ask at once', async () => {
    const list = await open(leads(40));
    const given = await Promise.all(
      Array.from({ length: 30 }, (_, index) => list.reserve(index % 2 ? ada : ben, 3)),
    );
    const ids = given.flatMap(idsOf);
    expect(ids).toHaveLength(40);
    expect(new Set(ids).size).toBe(40);
  });

  test('a list that is finished gives fewer leads, then none', async () => {
    const list = await open(leads(2));
    expect(idsOf(await list.reserve(ada, 5))).toEqual([id(1), id(2)]);
    expect(await list.reserve(ada, 5)).toEqual([]);
  });

  test('a lead that is released goes to the end of the list', async () => {
    const list = await open(leads(3));
    await list.reserve(ada, 1);
    await list.release([id(1)]);
    expect(idsOf(await list.reserve(ada, 3))).toEqual([id(2), id(3), id(1)]);
  });

  test('a release of a lead that is waiting or done changes nothing', async () => {
    const list = await open(leads(3));
    await list.reserve(ada, 1);
    await list.recordOutcome({ leadId: id(1), callId: call('a'), outcome: 'busy', at: 1 });
    await list.release([id(1), id(2), id(9)]);
    expect(await stateOf(list, 1)).toBe('done');
    expect(idsOf(await list.reserve(ada, 3))).toEqual([id(2), id(3)]);
  });

  test('what is reserved is listed, so that a start can give back what no attempt holds', async () => {
    const list = await open(leads(5));
    await list.reserve(ada, 4);
    await list.recordOutcome({ leadId: id(4), callId: call('a'), outcome: 'talked', at: 1 });
    await list.release([id(2)]);
    expect((await list.reserved()).map(({ leadId }) => leadId)).toEqual([id(1), id(3)]);
  });

  test('a lead whose call we canceled is called again, after the others', async () => {
    const list = await open(leads(2));
    await list.reserve(ada, 1);
    await list.recordOutcome({ leadId: id(1), callId: call('a'), outcome: 'canceled', at: 1 });
    expect(idsOf(await list.reserve(ada, 2))).toEqual([id(2), id(1)]);
  });

  test('an outcome that comes again does not touch what the lead is doing by then', async () => {
    const list = await open(leads(1));
    const canceled = { leadId: id(1), callId: call('a'), outcome: 'canceled', at: 1 } as const;
    await list.reserve(ada, 1);
    await list.recordOutcome(canceled);
    await list.reserve(ben, 1);
    await list.recordOutcome(canceled);
    await list.recordOutcome({ ...canceled, outcome: 'failed' });
    expect(await stateOf(list, 1)).toBe('reserved');
    expect(await list.reserve(ada, 1)).toEqual([]);
  });

  test('what became of a lead is listed: state, outcome, disposition, notes', async () => {
    const list = await open(leads(2));
    await list.reserve(ada, 1);
    await list.recordOutcome({ leadId: id(1), callId: call('a'), outcome: 'talked', at: 1 });
    const notes = 'asks for “solar”;\nDROP TABLE lead; 🦊';
    await list.recordDisposition({ callId: call('a'), disposition: 'callBack', notes, at: 2 });
    const [first, second] = await list.list();
    expect(first).toEqual({
      lead: leads(1)[0],
      state: 'done',
      outcome: 'talked',
      callId: call('a'),
      disposition: 'callBack',
      notes,
    });
    expect(second).toMatchObject({ state: 'waiting', outcome: null, callId: null, notes: '' });
  });

  test('the last disposition of a call stands', async () => {
    const list = await open(leads(1));
    await list.reserve(ada, 1);
    await list.recordOutcome({ leadId: id(1), callId: call('a'), outcome: 'talked', at: 1 });
    for (const disposition of ['interested', 'doNotCall'] as const) {
      await list.recordDisposition({ callId: call('a'), disposition, notes: disposition, at: 2 });
    }
    expect((await list.list())[0]).toMatchObject({ disposition: 'doNotCall', notes: 'doNotCall' });
  });

  test('leads are found in the order asked for, and unknown ones are left out', async () => {
    const list = await open(leads(3));
    expect(await list.find([id(3), id(9), id(1)])).toEqual([leads(3)[2], leads(3)[0]]);
    expect(await list.find([])).toEqual([]);
  });
}
