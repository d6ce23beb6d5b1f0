import { ActionIcon, Paper, Text } from '@mantine/core';
import type { View } from '../protocol/messages.ts';
import { ActionButton } from './action-button.tsx';
import classes from './controls.module.css';
import { useDesk, useDeskState } from './desk-context.ts';
import { IconAction } from './icon-action.tsx';
import { HangUpIcon, MinusIcon, PauseIcon, PhoneIcon, PlusIcon } from './icons.tsx';
import { RunningTime } from './running-time.tsx';
import { sentenceOf, titleOf, whyNot, type Stage } from './situation.ts';
import { STAGE_FOCUS } from './stage-focus.ts';
import { TEXTS } from './texts.ts';

/** Where the agent stands, in words, and what she can do about it. Always in the same place. */
export function Controls({ view, stage }: { view: View; stage: Stage }) {
  return (
    <Paper component="section" withBorder className={classes['bar']} data-stage={stage}>
      <div className={classes['situation']}>
        <div role="status" className={classes['words']}>
          <h1 className={classes['state']}>{titleOf(view)}</h1>
          <Text component="span" className={classes['sentence']}>
            {sentenceOf(view)}
          </Text>
        </div>
        {/* During a talk its own time is in front; two that tick together say no more. */}
        {view.talk === null && <RunningTime since={view.since} className={classes['time'] ?? ''} />}
      </div>
      <div className={classes['actions']} role="group" aria-label={TEXTS.work.controls}>
        <Actions stage={stage} />
        <Lines lines={view.lines} />
      </div>
    </Paper>
  );
}

function Actions({ stage }: { stage: Stage }) {
  const desk = useDesk();
  const state = useDeskState();
  return (
    <>
      <ActionButton
        keyName="callLeads"
        {...(stage === 'ready' || stage === 'paused' ? STAGE_FOCUS : {})}
        label={TEXTS.work.callLeads}
        icon={<PhoneIcon />}
        why={whyNot('callLeads', state)}
        isBusy={state.pending.has('agent.callLeads')}
        onAct={() => void desk.command('agent.callLeads', {})}
      />
      <ActionButton
        keyName="pause"
        label={TEXTS.work.pause}
        icon={<PauseIcon />}
        variant="default"
        why={whyNot('pause', state)}
        isBusy={state.pending.has('agent.pause')}
        onAct={() => void desk.command('agent.pause', {})}
      />
      <ActionButton
        keyName="hangUp"
        label={TEXTS.work.hangUp}
        icon={<HangUpIcon />}
        color="red"
        why={whyNot('hangUp', state)}
        isBusy={state.pending.has('agent.hangUp')}
        onAct={() => void desk.command('agent.hangUp', {})}
      />
    </>
  );
}

function Lines({ lines }: { lines: number }) {
  const desk = useDesk();
  const state = useDeskState();
  const setLines = (wanted: number) => void desk.command('agent.setLines', { lines: wanted });
  return (
    <ActionIcon.Group className={classes['lines']} role="group" aria-label={TEXTS.work.linesHint}>
      <IconAction
        keyName="fewerLines"
        label={TEXTS.work.fewer}
        variant="default"
        why={whyNot('fewerLines', state)}
        onAct={() => setLines(lines - 1)}
      >
        <MinusIcon />
      </IconAction>
      <ActionIcon.GroupSection
        variant="default"
        size="lg"
        className={classes['linesNow']}
        aria-live="polite"
        aria-busy={state.pending.has('agent.setLines')}
      >
        {TEXTS.work.linesNow(lines)}
      </ActionIcon.GroupSection>
      <IconAction
        keyName="moreLines"
        label={TEXTS.work.more}
        variant="default"
        why={whyNot('moreLines', state)}
        onAct={() => setLines(lines + 1)}
      >
        <PlusIcon />
      </IconAction>
    </ActionIcon.Group>
  );
}
