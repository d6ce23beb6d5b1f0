import { Button, Title } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { Moment, Step } from '../../protocol/machines.ts';
import { clockTime } from './clock-time.ts';
import { pageFetch, saveAs } from '../page-fetch.ts';
import { tabStore } from '../tab-store.ts';
import { TEXTS } from '../texts.ts';
import classes from './machines-page.module.css';
import type { OpenedReplay } from './replay-file.ts';
import type { Watch, WatchState } from './watch.ts';

/** A slider that is dragged asks the server once it rests. */
const ASK_AFTER_MS = 150;

/** One session, or one call of it, from its first entry to now; or who there is to choose from. */
export function SessionTimeline(props: {
  watch: Watch;
  state: WatchState;
  callId: string | null;
  place: number | null;
  onPlace: (place: number | null) => void;
  onFollow: (of: { sessionId: string; callId: string | null }) => void;
  onClose: () => void;
}) {
  const { followed, sessions } = props.state;
  if (followed === null) return <Sessions state={props.state} onFollow={props.onFollow} />;
  const session = sessions.find(({ sessionId }) => sessionId === followed.sessionId);
  const { steps, cut } = followed;
  const lead = leadOf(steps, props.callId);
  const isAbout = (step: Step): boolean =>
    props.callId === null ||
    step.callId === props.callId ||
    step.taken.some(({ callId }) => callId === props.callId);
  return (
    <Timeline
      title={props.callId === null ? (session?.agent ?? '') : `${session?.agent ?? ''}: ${lead}`}
      rows={steps.map((step, index) => ({
        index,
        at: step.at,
        text: [step.event, step.detail].filter(Boolean).join(' '),
        after: afterOf(step, props.callId),
        isShown: isAbout(step),
      }))}
      place={props.place}
      onPlace={props.onPlace}
      onClose={props.onClose}
    >
      {cut > 0 && <p className={classes['dim']}>{TEXTS.machines.cut(cut)}</p>}
      {steps.length === 0 && <p className={classes['dim']}>{TEXTS.machines.noTimeline}</p>}
      <Button
        variant="default"
        size="compact-sm"
        onClick={() => void download(followed.sessionId, props.callId)}
      >
        {TEXTS.machines.download}
      </Button>
      {props.callId !== null && (
        <Button
          variant="default"
          size="compact-sm"
          onClick={() => props.onFollow({ sessionId: followed.sessionId, callId: null })}
        >
          {TEXTS.machines.wholeSession}
        </Button>
      )}
      {props.place !== null && (
        <MomentOf
          watch={props.watch}
          sessionId={followed.sessionId}
          seq={steps[props.place]?.seq ?? null}
        />
      )}
    </Timeline>
  );
}

/** The session as a recording, up to the end of the chosen call: without numbers and names. */
async function download(sessionId: string, callId: string | null): Promise<void> {
  const query = callId === null ? '' : `?call=${callId}`;
  const path = `recordings/${sessionId}${query}`;
  const response = await pageFetch(tabStore, path, { method: 'GET' }).catch(() => null);
  if (response?.ok) return saveAs(response, 'recording.ndjson');
  notifications.show({ message: TEXTS.machines.notDownloaded, color: 'orange' });
}

/** A recording that was replayed. */
export function ReplayTimeline(props: {
  replay: OpenedReplay;
  place: number;
  onPlace: (place: number) => void;
  onClose: () => void;
}) {
  return (
    <Timeline
      title={props.replay.name}
      rows={props.replay.steps.map(({ at, event, scene }, index) => ({
        index,
        at,
        text: event,
        after: scene.figures.map(({ label, state }) => `${label} ${state}`).join(', '),
        isShown: true,
      }))}
      place={props.place}
      onPlace={(place) => props.onPlace(place ?? props.replay.steps.length - 1)}
      onClose={props.onClose}
    >
      <ul className={classes['verdict']}>
        {props.replay.verdict.map((sentence) => (
          <li key={sentence} className={classes['dim']}>
            {sentence}
          </li>
        ))}
      </ul>
    </Timeline>
  );
}

interface TimelineRow {
  index: number;
  at: number;
  text: string;
  after: string;
  isShown: boolean;
}

function Timeline(props: {
  title: string;
  rows: readonly TimelineRow[];
  place: number | null;
  onPlace: (place: number | null) => void;
  onClose: () => void;
  children: ReactNode;
}) {
  const last = Math.max(0, props.rows.length - 1);
  const place = props.place ?? last;
  const shown = props.rows.filter(({ isShown }) => isShown).toReversed();
  const list = useRef<HTMLOListElement>(null);
  const { onPlace } = props;
  const choose = (chosen: number): void => onPlace(chosen >= last ? null : Math.max(0, chosen));
  // In the slider these keys do the same by themselves.
  useHotkeys([
    ['ArrowLeft', () => choose(place - 1)],
    ['ArrowRight', () => choose(place + 1)],
    ['Home', () => choose(0)],
    ['End', () => choose(last)],
  ]);
  useEffect(() => {
    list.current?.querySelector('[aria-current="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [place]);
  return (
    <section className={classes['panel']} aria-labelledby="timeline">
      <div className={classes['panelHead']}>
        <Title order={2} id="timeline" className={classes['panelTitle']}>
          {props.title}
        </Title>
        <Button variant="default" size="compact-sm" onClick={props.onClose}>
          {TEXTS.machines.everybody}
        </Button>
      </div>
      <label className={classes['slider']}>
        <span>
          {TEXTS.machines.when(clockTime(props.rows[place]?.at ?? 0), props.place === null)}
        </span>
        <input
          type="range"
          min={0}
          max={last}
          value={place}
          onChange={(event) => choose(Number(event.currentTarget.value))}
        />
      </label>
      <p className={classes['dim']}>{TEXTS.machines.keys}</p>
      {props.children}
      <ol ref={list} className={classes['list']} reversed>
        {shown.map((row) => (
          <li key={row.index}>
            <button
              type="button"
              className={classes['row']}
              aria-current={row.index === place}
              onClick={() => props.onPlace(row.index)}
            >
              <span className={classes['time']}>{clockTime(row.at)}</span>
              <span>{row.text}</span>
              <span className={classes['dim']}>{row.after}</span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Sessions(props: {
  state: WatchState;
  onFollow: (of: { sessionId: string; callId: string | null }) => void;
}) {
  const { sessions, unlisted } = props.state;
  return (
    <section className={classes['panel']} aria-labelledby="sessions">
      <Title order={2} id="sessions" className={classes['panelTitle']}>
        {TEXTS.machines.sessions}
      </Title>
      <ul className={classes['list']}>
        {sessions.map(({ sessionId, agent, state, calls }) => (
          <li key={sessionId}>
            <button
              type="button"
              className={classes['row']}
              onClick={() => props.onFollow({ sessionId, callId: null })}
            >
              <span>{agent}</span>
              <span className={classes['dim']}>{state}</span>
              <span className={classes['dim']}>{TEXTS.machines.calls(calls.length)}</span>
            </button>
          </li>
        ))}
      </ul>
      {unlisted > 0 && <p className={classes['dim']}>{TEXTS.machines.unlisted(unlisted)}</p>}
    </section>
  );
}

/** What only the server knows of a past moment: the deadlines that ran. */
function MomentOf(props: { watch: Watch; sessionId: string; seq: number | null }) {
  const { watch, sessionId, seq } = props;
  const [moment, setMoment] = useState<Moment | null>(null);
  useEffect(() => {
    let isWanted = true;
    const ask = setTimeout(() => {
      if (seq === null) return;
      void watch.at(sessionId, seq).then((found) => isWanted && setMoment(found));
    }, ASK_AFTER_MS);
    return () => {
      isWanted = false;
      clearTimeout(ask);
    };
  }, [watch, sessionId, seq]);
  if (moment === null || moment.seq !== seq) return null;
  return (
    <p className={classes['dim']}>
      {TEXTS.machines.deadlines(moment.due.map((due) => (due - moment.at) / 1000))}
    </p>
  );
}

const leadOf = (steps: readonly Step[], callId: string | null): string =>
  steps.flatMap(({ calls }) => calls).find((call) => call.callId === callId)?.lead ?? '';

function afterOf(step: Step, callId: string | null): string {
  const call = step.calls.find((one) => one.callId === (callId ?? step.callId));
  return call ? `${step.session}, ${call.state}` : step.session;
}
