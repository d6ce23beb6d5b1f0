import { Title } from '@mantine/core';
import { clockTime } from './clock-time.ts';
import { TEXTS } from '../texts.ts';
import classes from './machines-page.module.css';
import type { WatchState } from './watch.ts';

/** The last events of the whole floor, and what did not fit. */
export function EventList(props: {
  state: WatchState;
  onFollow: (of: { sessionId: string; callId: string | null }) => void;
}) {
  const { events, anomalies, sessions } = props.state;
  const agentOf = (id: string | null): string =>
    sessions.find(({ sessionId }) => sessionId === id)?.agent ?? '';
  return (
    <section className={classes['panel']} aria-labelledby="events">
      <Title order={2} id="events" className={classes['panelTitle']}>
        {TEXTS.machines.events}
      </Title>
      {anomalies.slice(0, 3).map(({ at, anomaly, webhook, sessionId }) => (
        <p key={`${at} ${anomaly} ${webhook}`} className={classes['anomaly']} role="alert">
          {clockTime(at)} {TEXTS.machines.anomaly(anomaly, webhook)} {agentOf(sessionId)}
        </p>
      ))}
      {events.length === 0 && <p className={classes['dim']}>{TEXTS.machines.noEvents}</p>}
      <ul className={classes['list']}>
        {events.map((event, index) => (
          <li key={`${event.at} ${event.event} ${events.length - index}`}>
            <button type="button" className={classes['row']} onClick={() => props.onFollow(event)}>
              <span className={classes['time']}>{clockTime(event.at)}</span>
              <span>
                {event.event} {event.detail}
              </span>
              <span className={classes['dim']}>
                {agentOf(event.sessionId)}: {event.session}
                {event.call === null ? '' : `, ${event.call}`}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
