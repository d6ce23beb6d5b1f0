import { Button, NativeSelect, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useDesk, useDeskState } from './desk-context.ts';
import { explain } from './explain.ts';
import { LeadTable } from './lead-table.tsx';
import { useLeadWindow, type LeadWindow, type StateFilter } from './lead-window.ts';
import classes from './lead-list.module.css';
import { saveAs } from './page-fetch.ts';
import { useShowSheet } from './sheets.tsx';
import { TEXTS } from './texts.ts';

const SEARCH_AFTER_MS = 120;
const STATES = ['waiting', 'reserved', 'done'] as const;

export function LeadList() {
  const [search, setSearch] = useState('');
  const [settledSearch] = useDebouncedValue(search, SEARCH_AFTER_MS);
  const [state, setState] = useState<StateFilter>(null);
  const [firstSeen, setFirstSeen] = useState(0);
  const { shown, hasFailed, again } = useLeadWindow(settledSearch, state, firstSeen);
  const all = shown === null ? 0 : countOf(shown);
  return (
    <div className={classes['panel']}>
      <div className={classes['tools']}>
        <TextInput
          className={classes['search']}
          type="search"
          size="sm"
          aria-label={TEXTS.leads.search}
          placeholder={TEXTS.leads.search}
          maxLength={100}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <NativeSelect
          size="sm"
          aria-label={TEXTS.leads.filter}
          value={state ?? ''}
          onChange={(event) => setState((event.currentTarget.value || null) as StateFilter)}
          data={[
            { value: '', label: TEXTS.leads.all(all) },
            ...STATES.map((value) => ({
              value,
              label: TEXTS.leads.inState[value](shown?.counts[value] ?? 0),
            })),
          ]}
        />
        <Tools isEmpty={all === 0} hasDone={(shown?.counts.done ?? 0) > 0} />
      </div>
      {shown === null && (
        <Text className={classes['none']}>
          {hasFailed ? TEXTS.leads.failed : TEXTS.leads.loading}
        </Text>
      )}
      {shown === null && hasFailed && (
        <Button variant="default" size="compact-sm" ml="md" mb="md" onClick={again}>
          {TEXTS.leads.again}
        </Button>
      )}
      {shown !== null && shown.total === 0 && (
        <Text className={classes['none']}>
          {all === 0 ? TEXTS.leads.none : TEXTS.leads.noMatch}
        </Text>
      )}
      {shown !== null && shown.total > 0 && (
        <LeadTable key={`${settledSearch}/${state}`} shown={shown} onFirstSeen={setFirstSeen} />
      )}
      {shown !== null && (
        <Text className={classes['count']} role="status">
          {TEXTS.leads.count(shown.total, all)}
        </Text>
      )}
    </div>
  );
}

const countOf = ({ counts }: LeadWindow): number => counts.waiting + counts.reserved + counts.done;

function Tools({ isEmpty, hasDone }: { isEmpty: boolean; hasDone: boolean }) {
  const desk = useDesk();
  const { simulated } = useDeskState();
  const showSheet = useShowSheet();
  const whyEmpty = isEmpty ? TEXTS.unavailable.listEmpty : null;
  const startOver = async () => {
    const answer = await desk.ask('leads.startOver', {});
    if (answer.ok)
      notifications.show({
        message: TEXTS.leads.startedOver(answer.result.waiting),
        color: 'green',
      });
  };
  return (
    <div className={classes['buttons']}>
      <ListButton label={TEXTS.leads.exportFile} why={whyEmpty} onAct={() => void saveList(desk)} />
      {simulated && (
        <ListButton
          label={TEXTS.leads.startOver}
          why={hasDone ? null : TEXTS.unavailable.nobodyDone}
          onAct={() => void startOver()}
        />
      )}
      <ListButton
        label={TEXTS.leads.clear}
        why={whyEmpty}
        onAct={() => showSheet({ name: 'clearLeads' })}
        isQuiet
      />
    </div>
  );
}

interface ListButtonProps {
  label: string;
  /** Why it cannot be done now; null if it can. */
  why: string | null;
  onAct: () => void;
  isQuiet?: boolean;
}

/** Stays where it is when it has done its work: a button that goes away would take the focus with it. */
const ListButton = ({ label, why, onAct, isQuiet = false }: ListButtonProps) => (
  <Button
    {...(isQuiet ? { variant: 'subtle', color: 'gray' } : { variant: 'default' })}
    size="sm"
    aria-disabled={why !== null}
    {...(why === null ? {} : { 'data-disabled': true })}
    onClick={() => (why === null ? onAct() : explain(label, why))}
  >
    {label}
  </Button>
);

async function saveList(desk: ReturnType<typeof useDesk>): Promise<void> {
  const response = await desk.fetch('leads/export', { method: 'GET' }).catch(() => null);
  if (!response?.ok) {
    notifications.show({ message: TEXTS.leads.exportFailed, color: 'orange' });
    return;
  }
  await saveAs(response, 'leads.csv');
}
