import { Paper, Text, Title } from '@mantine/core';
import type { View } from '../protocol/messages.ts';
import classes from './calls.module.css';
import { formatPhone } from './format.ts';
import { RunningTime } from './running-time.tsx';
import type { Stage } from './situation.ts';
import { STAGE_HEADING } from './stage-focus.ts';
import { TEXTS } from './texts.ts';

type Call = View['calls'][number];

/** A card per live call. The one the agent talks on is in front already and is not repeated. */
export function Calls({ view, stage }: { view: View; stage: Stage }) {
  const others = view.calls.filter(({ callId }) => callId !== view.talk?.callId);
  if (others.length === 0 && stage !== 'dialing') return null;
  return (
    <section className={classes['calls']} aria-labelledby="calls">
      <Title
        order={2}
        id="calls"
        className={classes['title']}
        {...(stage === 'dialing' ? STAGE_HEADING : {})}
      >
        {TEXTS.calls.title}
      </Title>
      {others.length === 0 ? (
        <Paper withBorder className={classes['none']}>
          <Text>{TEXTS.calls.none}</Text>
        </Paper>
      ) : (
        <ul className={classes['grid']}>
          {others.map((call) => (
            <CallCard key={call.callId} call={call} />
          ))}
        </ul>
      )}
    </section>
  );
}

function CallCard({ call }: { call: Call }) {
  return (
    <Paper
      component="li"
      withBorder
      className={classes['card']}
      data-state={call.state}
      data-phase={call.phase}
      data-outcome={call.outcome}
    >
      <div className={classes['lead']}>
        <span className={classes['name']}>{call.lead.name}</span>
        <span className={classes['phone']}>{formatPhone(call.lead.phone)}</span>
      </div>
      <div className={classes['state']}>
        <span className={classes['dot']} aria-hidden="true" />
        <span className={classes['word']}>{wordOf(call)}</span>
        <RunningTime since={call.since} className={classes['time'] ?? ''} />
      </div>
    </Paper>
  );
}

function wordOf({ state, phase, outcome }: Call): string {
  if (outcome !== null) return TEXTS.outcome[outcome];
  return phase === null ? TEXTS.calls.state[state] : TEXTS.calls.phase[phase];
}
