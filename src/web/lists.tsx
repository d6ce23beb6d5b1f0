import { Kbd, Paper, Tabs } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import type { View } from '../protocol/messages.ts';
import { ActionButton } from './action-button.tsx';
import { useDeskState } from './desk-context.ts';
import classes from './lists.module.css';
import { KEYS, useKeys } from './keys.ts';
import { RecentCalls } from './recent-calls.tsx';
import { useShowSheet } from './sheets.tsx';
import { TEXTS } from './texts.ts';

/** Loaded when it is first looked at. */
const LeadList = lazy(async () => ({ default: (await import('./lead-list.tsx')).LeadList }));

/** Open to her whichever list is before her; an empty list is when it is needed most. */
function AddFile() {
  const { link } = useDeskState();
  const showSheet = useShowSheet();
  return (
    <ActionButton
      keyName="import"
      label={TEXTS.leads.importFile}
      variant="default"
      size="compact-md"
      why={link.kind === 'open' ? null : TEXTS.unavailable.noConnection}
      onAct={() => showSheet({ name: 'import', file: null })}
    />
  );
}

export function Lists({ view }: { view: View }) {
  const [tab, setTab] = useState<string | null>('recent');
  useKeys([
    [KEYS.recent.hotkeys, () => setTab('recent')],
    [KEYS.leads.hotkeys, () => setTab('leads')],
  ]);
  return (
    <Paper component="section" withBorder className={classes['lists']} aria-label={TEXTS.lists}>
      <Tabs value={tab} onChange={setTab} keepMounted={false}>
        <div className={classes['head']}>
          <Tabs.List className={classes['tabs'] ?? ''}>
            {(['recent', 'leads'] as const).map((name) => (
              <Tabs.Tab
                key={name}
                value={name}
                aria-keyshortcuts={KEYS[name].aria}
                rightSection={<Kbd aria-hidden="true">{KEYS[name].label}</Kbd>}
              >
                {TEXTS[name].tab}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <AddFile />
        </div>
        <Tabs.Panel value="recent">
          <RecentCalls recent={view.recent} wrapUpCallId={view.wrapUp?.callId ?? null} />
        </Tabs.Panel>
        <Tabs.Panel value="leads">
          <Suspense fallback={null}>
            <LeadList />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
    </Paper>
  );
}
