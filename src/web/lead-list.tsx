import { Button, Table, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useCallback, useDeferredValue, useEffect, useState } from 'react';
import type { LeadRow } from '../protocol/messages.ts';
import { useDesk, useDeskState } from './desk-context.ts';
import { formatPhone } from './format.ts';
import classes from './lists.module.css';
import { TEXTS } from './texts.ts';

/** As many rows as the browser draws at once without a stutter. */
const ROWS_SHOWN_MAX = 200;
/** Several calls end together when one is answered: one look at the list is enough. */
const RELOAD_WITHIN_MS = 300;

type Loaded = { kind: 'loading' } | { kind: 'failed' } | { kind: 'here'; leads: LeadRow[] };

export function LeadList({ version }: { version: string }) {
  const { loaded, load } = useLeads(version);
  const [search, setSearch] = useState('');
  const wanted = useDeferredValue(search);
  if (loaded.kind === 'loading') {
    return <Text className={classes['none']}>{TEXTS.leads.loading}</Text>;
  }
  if (loaded.kind === 'failed') {
    return (
      <div className={classes['none']}>
        <Text>{TEXTS.leads.failed}</Text>
        <Button variant="default" size="compact-sm" mt="xs" onClick={load}>
          {TEXTS.leads.again}
        </Button>
      </div>
    );
  }
  const matching = loaded.leads.filter((lead) => matches(lead, wanted));
  const shown = matching.slice(0, ROWS_SHOWN_MAX);
  return (
    <>
      <TextInput
        className={classes['search']}
        type="search"
        size="sm"
        aria-label={TEXTS.leads.search}
        placeholder={TEXTS.leads.search}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      {shown.length === 0 ? (
        <Text className={classes['none']}>
          {loaded.leads.length === 0 ? TEXTS.leads.none : TEXTS.leads.noMatch}
        </Text>
      ) : (
        <LeadTable leads={shown} />
      )}
      <Text className={classes['count']} role="status">
        {TEXTS.leads.count(shown.length, loaded.leads.length)}
      </Text>
    </>
  );
}

function useLeads(version: string) {
  const desk = useDesk();
  const { link } = useDeskState();
  const [loaded, setLoaded] = useState<Loaded>({ kind: 'loading' });
  const [settledVersion] = useDebouncedValue(version, RELOAD_WITHIN_MS);
  const load = useCallback(async () => {
    const answer = await desk.ask('leads.list', {});
    if (answer.ok) setLoaded({ kind: 'here', leads: answer.result.leads });
    // A list that is here already is better than none.
    else setLoaded((before) => (before.kind === 'here' ? before : { kind: 'failed' }));
  }, [desk]);
  useEffect(() => {
    if (link.kind === 'open') void load();
  }, [load, link.kind, settledVersion]);
  return { loaded, load: () => void load() };
}

function matches({ name, phone, columns }: LeadRow, wanted: string): boolean {
  const word = wanted.trim().toLowerCase();
  if (word === '') return true;
  return [name, phone, formatPhone(phone), ...Object.values(columns)].some((text) =>
    text.toLowerCase().includes(word),
  );
}

function LeadTable({ leads }: { leads: LeadRow[] }) {
  return (
    <Table className={classes['table']} layout="fixed" verticalSpacing={6}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{TEXTS.leads.lead}</Table.Th>
          <Table.Th className={classes['wideOnly']}>{TEXTS.leads.phone}</Table.Th>
          <Table.Th>{TEXTS.leads.state}</Table.Th>
          <Table.Th className={classes['wideOnly']}>{TEXTS.leads.last}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {leads.map((lead) => (
          <Table.Tr key={lead.leadId} data-lead-state={lead.state}>
            <Table.Td>
              <span className={classes['name']}>{lead.name}</span>
              <span className={classes['narrowOnly']}>{formatPhone(lead.phone)}</span>
            </Table.Td>
            <Table.Td className={classes['wideOnly']}>{formatPhone(lead.phone)}</Table.Td>
            <Table.Td>
              <span className={classes['leadState']}>{TEXTS.leads.stateOf[lead.state]}</span>
              <span className={classes['narrowOnly']}>{lastText(lead)}</span>
            </Table.Td>
            <Table.Td className={classes['wideOnly']}>{lastText(lead)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** What came of the last call. The server names an outcome or a disposition; a word unknown here is shown as it came. */
function lastText({ outcome }: LeadRow): string {
  if (outcome === null) return '';
  const words: Record<string, string> = { ...TEXTS.outcome, ...TEXTS.disposition };
  return words[outcome] ?? outcome;
}
