import { Badge, Paper, Text, Title } from '@mantine/core';
import { Dispositions } from './dispositions.tsx';
import { formatPhone } from './format.ts';
import { LeadDetails } from './lead-details.tsx';
import classes from './lead-panel.module.css';
import type { View } from '../protocol/messages.ts';
import { Notes } from './notes.tsx';
import { RunningTime } from './running-time.tsx';
import type { Stage } from './situation.ts';
import { STAGE_HEADING } from './stage-focus.ts';
import { TEXTS } from './texts.ts';

interface LeadPanelProps {
  callId: string;
  lead: NonNullable<View['talk']>['lead'];
  /** When the talk began; null once it is over. */
  talkSince: number | null;
  stage: Stage;
  recent: View['recent'];
}

/**
 * The lead who has answered: in front from the moment she is being connected until the outcome is recorded. One panel
 * for all of it, so that whoever is typing notes when the other side hangs up goes on typing notes.
 */
export function LeadPanel({ callId, lead, talkSince, stage, recent }: LeadPanelProps) {
  const isTalk = talkSince !== null;
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
      {!isTalk && <Dispositions callId={callId} />}
      <div className={classes['body']}>
        <LeadDetails
          lead={lead}
          earlier={recent.filter(
            (call) => call.lead.leadId === lead.leadId && call.callId !== callId,
          )}
        />
        <Notes callId={callId} />
      </div>
    </Paper>
  );
}
