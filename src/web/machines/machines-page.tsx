import { Button, Title } from '@mantine/core';
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useDropzone } from 'react-dropzone';
import { FullPageWait } from '../full-page.tsx';
import { go } from '../route.ts';
import { tabStore } from '../tab-store.ts';
import { TEXTS } from '../texts.ts';
import { DRAWINGS, scopesOf, type ChartName } from './drawings.ts';
import { EventList } from './event-list.tsx';
import { InState } from './in-state.tsx';
import classes from './machines-page.module.css';
import { openReplay, type OpenedReplay } from './replay-file.ts';
import { ReplayTimeline, SessionTimeline } from './timeline.tsx';
import { arrowKey, figuresOf, sceneOf, type Figure, type Scene } from './scene.ts';
import { SheetView } from './sheet-view.tsx';
import { Watch, type WatchState } from './watch.ts';

const CHARTS: readonly ChartName[] = ['agent-session', 'outbound-call'];
/** Arrows of so many events are lit where everybody is shown. */
const EVENTS_LIT = 3;
/** As long as the red flash of a drawing lasts. */
const ALARM_MS = 3000;

interface Choice {
  chart: ChartName;
  scope: string;
  state: string | null;
  callId: string | null;
  /** Place in the timeline; null is now. */
  place: number | null;
  replay: OpenedReplay | null;
}

const START: Choice = {
  chart: 'agent-session',
  scope: 'overview',
  state: null,
  callId: null,
  place: null,
  replay: null,
};

export function MachinesPage() {
  const watch = useMemo(() => new Watch(() => tabStore.read()), []);
  useEffect(() => watch.open(), [watch]);
  const state = useSyncExternalStore(watch.subscribe, watch.read);
  const [choice, setChoice] = useState(START);
  const choose = (change: Partial<Choice>): void => setChoice((now) => ({ ...now, ...change }));
  const scene = useScene(state, choice);
  const alarmed = useAlarms(state);
  const dropped = useDropped((replay) => {
    void watch.follow(null);
    choose({ replay, place: 0, callId: null });
  });
  const drawing = DRAWINGS.find(
    ({ chart, scope }) => chart === choice.chart && scope === choice.scope,
  );
  if (state.link === 'connecting') return <FullPageWait text={TEXTS.machines.loading} />;

  const follow = (figure: Pick<Figure, 'sessionId' | 'callId'>): void => {
    choose({ callId: figure.callId, place: null });
    void watch.follow(figure.sessionId);
  };
  return (
    <div
      {...dropped.root({ className: classes['page'] ?? '', tabIndex: -1 })}
      data-over={dropped.isOver}
    >
      <input {...dropped.input({ 'aria-hidden': true })} />
      <PageHead state={state} onOpen={dropped.choose} />
      {dropped.trouble !== null && (
        <p role="alert" className={classes['trouble']}>
          {dropped.trouble}
        </p>
      )}
      {dropped.isOver && <p className={classes['notice']}>{TEXTS.machines.dropHere}</p>}
      {dropped.reading !== null && (
        <p role="status" className={classes['notice']}>
          {TEXTS.machines.replaying(dropped.reading)}
        </p>
      )}
      <div className={classes['columns']}>
        <main className={classes['main']}>
          <SheetTabs
            choice={choice}
            onChoose={(chart, scope) => choose({ chart, scope, state: null })}
          />
          {drawing && (
            <SheetView
              drawing={drawing}
              scene={scene}
              chosenState={choice.state}
              alarmed={alarmed}
              onState={(path) => choose({ state: path })}
            />
          )}
          <EventList state={state} onFollow={follow} />
        </main>
        <aside className={classes['side']}>
          <Side
            watch={watch}
            state={state}
            scene={scene}
            choice={choice}
            onChoose={choose}
            onFollow={follow}
          />
        </aside>
      </div>
    </div>
  );
}

function Side(props: {
  watch: Watch;
  state: WatchState;
  scene: Scene;
  choice: Choice;
  onChoose: (change: Partial<Choice>) => void;
  onFollow: (figure: Pick<Figure, 'sessionId' | 'callId'>) => void;
}) {
  const { watch, choice, onChoose, onFollow } = props;
  const { chart, scope, state: path, replay } = choice;
  return (
    <>
      {path !== null && (
        <InState
          path={path}
          figures={props.scene.figures.filter((figure) => figure.chart === chart)}
          canLookInside={scope === 'overview' && scopesOf(chart).includes(path)}
          onLookInside={() => onChoose({ scope: path, state: null })}
          onFollow={onFollow}
        />
      )}
      {replay === null ? (
        <SessionTimeline
          watch={watch}
          state={props.state}
          callId={choice.callId}
          place={choice.place}
          onPlace={(place) => onChoose({ place })}
          onFollow={onFollow}
          onClose={() => {
            onChoose({ callId: null, place: null });
            void watch.follow(null);
          }}
        />
      ) : (
        <ReplayTimeline
          replay={replay}
          place={choice.place ?? 0}
          onPlace={(place) => onChoose({ place })}
          onClose={() => onChoose({ replay: null, place: null })}
        />
      )}
    </>
  );
}

/** A file that is dropped on the page, or chosen, is replayed. */
function useDropped(onReplay: (replay: OpenedReplay) => void) {
  const [trouble, setTrouble] = useState<string | null>(null);
  const [reading, setReading] = useState<string | null>(null);
  const read = async (file: File): Promise<void> => {
    setTrouble(null);
    setReading(file.name);
    const opened = await openReplay(file);
    setReading(null);
    if (typeof opened === 'string') setTrouble(opened);
    else onReplay(opened);
  };
  const { getRootProps, getInputProps, open, isDragActive } = useDropzone({
    multiple: false,
    noClick: true,
    noKeyboard: true,
    onDrop: ([file]) => {
      if (file) void read(file);
    },
  });
  return {
    root: getRootProps,
    input: getInputProps,
    choose: open,
    isOver: isDragActive,
    trouble,
    reading,
  };
}

function PageHead({ state, onOpen }: { state: WatchState; onOpen: () => void }) {
  const { link, sessions, unlisted } = state;
  return (
    <header className={classes['head']}>
      <Title order={1} className={classes['title']}>
        {TEXTS.machines.title}
      </Title>
      <span role="status">
        {link === 'open'
          ? TEXTS.machines.watching(sessions.length + unlisted)
          : TEXTS.machines.link[link]}
      </span>
      <span className={classes['spacer']} />
      <Button variant="default" size="xs" title={TEXTS.machines.dropHere} onClick={onOpen}>
        {TEXTS.machines.openReplay}
      </Button>
      <Button variant="default" size="xs" onClick={() => go('desk')}>
        {TEXTS.machines.back}
      </Button>
    </header>
  );
}

function SheetTabs(props: { choice: Choice; onChoose: (chart: ChartName, scope: string) => void }) {
  const { chart, scope } = props.choice;
  return (
    <nav className={classes['tabs']} aria-label={TEXTS.machines.charts}>
      {CHARTS.map((name) => (
        <span key={name} className={classes['tabGroup']}>
          {scopesOf(name).map((each) => (
            <Button
              key={each}
              size="compact-sm"
              variant={name === chart && each === scope ? 'filled' : 'default'}
              aria-pressed={name === chart && each === scope}
              onClick={() => props.onChoose(name, each)}
            >
              {each === 'overview' ? TEXTS.machines.chart[name] : each}
            </Button>
          ))}
        </span>
      ))}
    </nav>
  );
}

/** A replay, or one session at its chosen moment, or the whole floor as it is now. */
function useScene(state: WatchState, { replay, place, callId }: Choice): Scene {
  const { followed, sessions, events } = state;
  return useMemo(() => {
    if (replay) return replay.steps[place ?? 0]?.scene ?? EMPTY;
    if (followed && followed.steps.length > 0) {
      const agent = sessions.find(({ sessionId }) => sessionId === followed.sessionId)?.agent ?? '';
      const { sessionId, steps } = followed;
      return sceneOf({ sessionId, agent }, steps, place ?? steps.length - 1, callId);
    }
    const latest = events.slice(0, EVENTS_LIT);
    const taken = new Set(
      latest.flatMap(({ sessionArrows, callArrows }) => [
        ...sessionArrows.map((arrow) => arrowKey(null, arrow)),
        ...callArrows.map((arrow) => arrowKey('call', arrow)),
      ]),
    );
    return { figures: figuresOf(sessions), taken, walked: new Set<string>() };
  }, [replay, place, callId, followed, sessions, events]);
}

const EMPTY: Scene = { figures: [], taken: new Set(), walked: new Set() };

/** The states of those whom the newest anomaly was about, for as long as it flashes. */
function useAlarms({ anomalies, sessions }: WatchState): ReadonlySet<string> {
  const [latest] = anomalies;
  const [alarmed, setAlarmed] = useState<ReadonlySet<string>>(new Set());
  const places = useRef(sessions);
  places.current = sessions;
  useEffect(() => {
    if (!latest) return undefined;
    const session = places.current.find(({ sessionId }) => sessionId === latest.sessionId);
    const call = session?.calls.find(({ callId }) => callId === latest.callId);
    setAlarmed(new Set([call?.state ?? session?.state ?? ''].filter((path) => path !== '')));
    const calm = setTimeout(() => setAlarmed(new Set()), ALARM_MS);
    return () => clearTimeout(calm);
  }, [latest]);
  return alarmed;
}
