import { Badge, Paper, Text, Title } from '@mantine/core';
import { Dispositions } from './dispositions.tsx';
import { formatDuration, formatPhone } from './format.ts';
import { LeadDetails } from './lead-details.tsx';
import classes from './lead-panel.module.css';
import type { View } from '../protocol/messages.ts';
import { Notes, useNotes } from './notes.tsx';
import { RunningTime } from './running-time.tsx';
import type { Stage } from './situation.ts';
import { STAGE_HEADING } from './stage-focus.ts';
import { TEXTS } from './texts.ts';
import { useAnswer } from './use-answer.ts';

interface LeadPanelProps {
  callId: string;
  lead: NonNullable<View['talk']>['lead'];
  /** When the talk began; null once it is over. */
  talkSince: number | null;
  /** The talk that is over; null while it is not. */
  wrapUp: View['wrapUp'];
  stage: Stage;
}

/**
 * The lead who has answered: in front from the moment she is being connected until the outcome is recorded. One panel
 * for all of it, so that whoever is typing notes when the other side hangs up goes on typing notes.
 */
export function LeadPanel({ callId, lead, talkSince, wrapUp, stage }: LeadPanelProps) {
  const isTalk = talkSince !== null;
  const kept = useNotes(callId);
  const details = useAnswer('call.details', { callId });
  return (
    <Paper
      component="section"
      withBorder
      className={classes['card']}
      aria-labelledby="lead"
      data-stage={stage}
    >
      <div className={classes['head']}>
        <div>
          <Title order={2} id="lead" className={classes['name']} {...STAGE_HEADING}>
            {isTalk ? lead.name : TEXTS.wrapUp.title(lead.name)}
          </Title>
          <Text className={classes['phone']}>{formatPhone(lead.phone)}</Text>
        </div>
        {isTalk && (
          <div className={classes['state']}>
            <Badge size="lg" variant={stage === 'bridged' ? 'filled' : 'light'} color="green">
              {stage === 'bridged' ? TEXTS.calls.state.bridged : TEXTS.talk.connecting}
            </Badge>
            <RunningTime since={talkSince} className={classes['time'] ?? ''} />
          </div>
        )}
      </div>
      {!isTalk && wrapUp !== null && (
        <Text className={classes['over']} role="status">
          {TEXTS.wrapUp.over(
            wrapUp.endedBy,
            wrapUp.talkMs === null ? null : formatDuration(wrapUp.talkMs),
          )}{' '}
          {TEXTS.wrapUp.since}{' '}
          <RunningTime since={wrapUp.since} className={classes['since'] ?? ''} />
        </Text>
      )}
      {!isTalk && <Dispositions callId={callId} kept={kept} />}
      <div className={classes['body']}>
        <LeadDetails lead={lead} earlier={details?.attempts ?? []} />
        <Notes callId={callId} kept={kept} details={details} />
      </div>
    </Paper>
  );
}
