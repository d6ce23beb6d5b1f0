import { openStore } from '../../src/journal/sqlite-store.ts';
import type { CallId, LeadId } from '../../src/domain/ids.ts';
import type { Lead } from '../../src/domain/lead.ts';
import { PhoneNumber } from '../../src/domain/phone-number.ts';
import { attached, opened, session } from './entries.ts';

/**
 * A process made to be killed: eight sessions write and reserve leads as fast as they can, and every line that it
 * prints is an acknowledgement, made after the store said that it is durable.
 */
const [path = '', run = ''] = process.argv.slice(2);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const store = await openStore(path, { seedLeads: seedLeads(20_000) });
say('ready');
await Promise.all(Array.from({ length: 8 }, (_, index) => work(`${run}-${index}`)));

async function work(name: string): Promise<void> {
  const id = session(name);
  store.journal.append(opened(id));
  for (let seq = 0; ; seq++) {
    store.journal.append(attached(id, seq));
    await store.journal.flush();
    say(`entry ${id} ${seq}`);
    if (seq % 4 > 0) continue;
    for (const { leadId } of await store.leads.reserve(id, 2)) {
      say(`reserved ${leadId}`);
      if (seq % 8 > 0) continue;
      const callId = `${id}${leadId}` as CallId;
      await store.leads.recordOutcome({ leadId, callId, outcome: 'busy', at: seq });
      say(`done ${leadId}`);
    }
  }
}

function seedLeads(count: number): Lead[] {
  const phone = PhoneNumber.parse('+13155550199');
  if (!phone) throw new Error('not E.164');
  return Array.from({ length: count }, (_, index) => ({
    leadId: `lead-${index}` as LeadId,
    name: 'Ada',
    phone,
    columns: {},
  }));
}
