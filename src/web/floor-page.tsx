import { Alert, Badge, Button, Paper, PasswordInput, Table, Text, Title } from '@mantine/core';
import {
  lazy,
  Suspense,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
  type FormEvent,
} from 'react';
import type { LeadState } from '../domain/lead-state.ts';
import { ERROR_CODES, type Floor } from '../protocol/messages.ts';
import classes from './floor-page.module.css';
import type { FloorModel } from './floor.ts';
import { FullPage, FullPageWait } from './full-page.tsx';
import { RunningTime } from './running-time.tsx';
import { ServerClockContext } from './server-clock.ts';
import table from './table.module.css';
import { TEXTS } from './texts.ts';

const T = TEXTS.floor;
/** A browser that cannot draw them shows the rest all the same. */
const Charts = lazy(() => {
  mendLanguage();
  return import('./floor-charts.tsx').then(
    ({ FloorCharts }) => ({ default: FloorCharts }),
    () => ({ default: () => <></> }),
  );
});

/** Some browsers say `en-US@posix`, which is no language tag; uPlot would throw where it is loaded. */
function mendLanguage(): void {
  try {
    Intl.getCanonicalLocales(navigator.language);
  } catch {
    Object.defineProperty(navigator, 'language', { value: 'en-US' });
  }
}

/** Every agent and every call at this moment, for whoever looks after the agents. Read-only. */
export function FloorPage({ model }: { model: FloorModel }) {
  const { link, floor, serverOffsetMs, isClosed } = useSyncExternalStore(
    model.subscribe,
    model.read,
  );
  const isLive = link.kind === 'open';
  const clock = useMemo(() => ({ offsetMs: serverOffsetMs, isLive }), [serverOffsetMs, isLive]);
  useEffect(() => {
    document.title = `${T.title} · ${TEXTS.product}`;
    void model.watch(null);
  }, [model]);
  if (link.kind === 'mismatch') {
    return (
      <FullPage title={TEXTS.mismatch.title} text={TEXTS.mismatch.text}>
        <Button size="md" fullWidth onClick={() => window.location.reload()}>
          {TEXTS.mismatch.reload}
        </Button>
      </FullPage>
    );
  }
  if (!isLive && floor === null && isClosed) return <Passphrase model={model} />;
  if (floor === null) return <FullPageWait text={T.opening} />;
  return (
    <ServerClockContext value={clock}>
      <main className={classes['page']}>
        <header className={classes['head']}>
          <Title order={1} className={classes['title']}>
            {T.title}
          </Title>
          <Text role="status" className={classes['link']} data-open={isLive}>
            <span className={classes['dot']} aria-hidden="true" />
            {isLive ? T.live : T.lost}
          </Text>
          {!isLive && (
            <Button size="compact-sm" variant="default" onClick={() => model.retryNow()}>
              {TEXTS.link.retry}
            </Button>
          )}
        </header>
        <Counts floor={floor} />
        <Agents agents={floor.agents} />
        <Suspense fallback={null}>
          <Charts history={floor.history} />
        </Suspense>
      </main>
    </ServerClockContext>
  );
}

function Passphrase({ model }: { model: FloorModel }) {
  const [passphrase, setPassphrase] = useState('');
  const [trouble, setTrouble] = useState<string | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const answer = await model.watch(passphrase);
    if (answer.ok) return;
    const isWrong = answer.refusal.code === ERROR_CODES.wrongPassphrase;
    setTrouble(isWrong ? TEXTS.signIn.passphraseWrong : TEXTS.signIn.unreachable);
  };
  return (
    <FullPage title={T.title} text={T.wanted}>
      <form onSubmit={(event) => void submit(event)}>
        {trouble !== null && (
          <Alert color="orange" role="alert" mb="sm">
            {trouble}
          </Alert>
        )}
        <PasswordInput
          label={TEXTS.signIn.passphrase}
          autoComplete="current-password"
          maxLength={200}
          size="md"
          value={passphrase}
          onChange={(event) => setPassphrase(event.currentTarget.value)}
        />
        <Button type="submit" size="md" mt="md" fullWidth>
          {T.watch}
        </Button>
      </form>
    </FullPage>
  );
}

function Counts({ floor: { agents, calls } }: { floor: Floor }) {
  const groups = new Map<string, number>();
  for (const agent of agents) {
    const word = wordOf(agent);
    groups.set(word, (groups.get(word) ?? 0) + 1);
  }
  return (
    <section className={classes['counts']} aria-label={T.counts}>
      <Count label={T.agents} value={agents.length} isWhole />
      {[...groups].map(([word, count]) => (
        <Count key={word} label={word} value={count} />
      ))}
      <Count label={T.calls} value={Object.values(calls).reduce((a, b) => a + b, 0)} isWhole />
      {Object.entries(calls).map(([state, count]) => (
        <Count key={state} label={TEXTS.leads.stateOf[state as LeadState] ?? state} value={count} />
      ))}
    </section>
  );
}

function Count({ label, value, isWhole }: { label: string; value: number; isWhole?: boolean }) {
  return (
    <div className={classes['count']} data-whole={isWhole === true}>
      {label} <span className={classes['value']}>{value}</span>
    </div>
  );
}

const wordOf = ({ state, mode }: Floor['agents'][number]): string =>
  mode === null ? T.state[state] : T.mode[mode];

/** What the theme colours by. */
function stageOf({ state, mode }: Floor['agents'][number]): string {
  if (mode !== null) return mode;
  return state === 'idle' || state === 'completed' ? 'noPhone' : state;
}

function Agents({ agents }: { agents: Floor['agents'] }) {
  const sorted = agents.toSorted((a, b) => a.name.localeCompare(b.name));
  return (
    <Paper component="section" withBorder className={classes['agents']} aria-label={T.agents}>
      {sorted.length === 0 ? (
        <Text className={classes['none']}>{T.nobody}</Text>
      ) : (
        <Table layout="fixed" verticalSpacing={8} className={table['table']}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{T.agent}</Table.Th>
              <Table.Th>{T.stateNow}</Table.Th>
              <Table.Th className={classes['since']}>{T.since}</Table.Th>
              <Table.Th>{T.with}</Table.Th>
              <Table.Th className={classes['wideOnly']}>{T.lines}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {sorted.map((agent) => (
              <Agent key={agent.sessionId} agent={agent} />
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Paper>
  );
}

function Agent({ agent }: { agent: Floor['agents'][number] }) {
  return (
    <Table.Tr data-stage={stageOf(agent)}>
      <Table.Td className={classes['name']}>
        {agent.name}{' '}
        {!agent.pageOpen && (
          <Badge size="xs" variant="outline" color="gray">
            {T.noPage}
          </Badge>
        )}
      </Table.Td>
      <Table.Td>
        <span className={classes['mark']} aria-hidden="true" />
        {wordOf(agent)}
      </Table.Td>
      <Table.Td className={classes['since']}>
        <RunningTime since={agent.since} />
      </Table.Td>
      <Table.Td>{agent.lead ?? (agent.calls > 0 ? T.callsOut(agent.calls) : '')}</Table.Td>
      <Table.Td className={classes['wideOnly']}>{agent.lines}</Table.Td>
    </Table.Tr>
  );
}
