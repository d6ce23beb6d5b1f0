import { Alert, Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useEffect, useRef } from 'react';
import { ERROR_CODES, type View } from '../protocol/messages.ts';
import { Calls } from './calls.tsx';
import type { Refusal } from './connection.ts';
import { Controls } from './controls.tsx';
import { useDesk, useDeskState } from './desk-context.ts';
import classes from './desk-page.module.css';
import { DialIn } from './dial-in.tsx';
import { HandsetPanel } from './handset-panel.tsx';
import { Header } from './header.tsx';
import { LeadPanel } from './lead-panel.tsx';
import { Lists } from './lists.tsx';
import { usePreferences } from './preferences.ts';
import { stageOf } from './situation.ts';
import { playBridgeCue } from './sound.ts';
import { useStageFocus } from './stage-focus.ts';
import { TEXTS } from './texts.ts';
import { Today } from './today.tsx';

export function DeskPage({ view }: { view: View }) {
  const { simulated } = useDeskState();
  const stage = stageOf(view);
  const front = view.talk ?? view.wrapUp;
  const main = useRef<HTMLElement>(null);
  useStageFocus(stage, main);
  useRefusals();
  useBridgeCue();
  useTroubleTold();

  return (
    <div className={classes['page']} data-stage={stage}>
      <Header view={view} />
      <LostBanner />
      <div className={classes['columns']} data-handset-beside={simulated}>
        <main ref={main} className={classes['main']}>
          <Controls view={view} stage={stage} />
          {front !== null && (
            <LeadPanel
              key={front.callId}
              callId={front.callId}
              lead={front.lead}
              talkSince={view.talk?.since ?? null}
              stage={stage}
              wrapUp={view.wrapUp}
            />
          )}
          {!view.phoneConnected && (
            <DialIn
              dialIn={view.dialIn}
              isFirst={stage === 'noPhone'}
              isAgain={view.recent.length > 0}
            />
          )}
          <Calls view={view} stage={stage} />
          <Today view={view} />
        </main>
        {simulated && <HandsetPanel />}
        <Lists view={view} />
      </div>
    </div>
  );
}

function LostBanner() {
  const desk = useDesk();
  const { link } = useDeskState();
  if (link.kind !== 'lost') return null;
  return (
    <Alert color="red" variant="filled" role="alert" className={classes['banner']}>
      <div className={classes['bannerBody']}>
        <div>
          <strong>{link.isRestart ? TEXTS.link.restartTitle : TEXTS.link.lostTitle}</strong>
          <div>{link.isRestart ? TEXTS.link.restartText : TEXTS.link.lostText}</div>
        </div>
        <Button variant="white" color="red" onClick={() => desk.retryNow()}>
          {TEXTS.link.retry}
        </Button>
      </div>
    </Alert>
  );
}

function useRefusals(): void {
  const desk = useDesk();
  useEffect(
    () =>
      desk.on('refused', (method, refusal) => {
        notifications.show({
          id: `refused-${method}`,
          title: TEXTS.refused.title[method] ?? TEXTS.refused.anything,
          message: refusedText(refusal),
          color: 'orange',
        });
      }),
    [desk],
  );
}

function useTroubleTold(): void {
  const desk = useDesk();
  useEffect(() => {
    const stops = [
      desk.on('notPlaced', (name) => {
        notifications.show({
          title: TEXTS.trouble.notPlaced(name),
          message: TEXTS.trouble.notPlacedText,
          color: 'orange',
        });
      }),
      desk.on('anomaly', () => {
        notifications.show({
          id: 'anomaly',
          title: TEXTS.trouble.anomaly,
          message: TEXTS.trouble.anomalyText,
          color: 'orange',
        });
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [desk]);
}

function refusedText({ kind, code, message, reason }: Refusal): string {
  if (kind === 'lost') return TEXTS.refused.lost;
  if (code === ERROR_CODES.conflict) return conflictText(reason, message);
  if (code === ERROR_CODES.unavailable) return unavailableText(reason);
  if (code === ERROR_CODES.tooMany) return TEXTS.refused.tooMany;
  return TEXTS.refused.other(message);
}

function unavailableText(reason: string | null): string {
  const { journalUnwritable, notWrittenYet, unavailable } = TEXTS.refused;
  if (reason === 'journalUnwritable') return journalUnwritable;
  return reason === 'notWrittenYet' ? notWrittenYet : unavailable;
}

/** The server's reasons are those for which nothing is happening, or `busy`. */
function conflictText(reason: string | null, message: string): string {
  const sentences: Record<string, string> = { ...TEXTS.quiet, busy: TEXTS.refused.busy };
  return sentences[reason ?? ''] ?? TEXTS.refused.other(message);
}

function useBridgeCue(): void {
  const desk = useDesk();
  const { isSoundOn } = usePreferences();
  useEffect(
    () =>
      desk.on('answered', () => {
        if (isSoundOn) playBridgeCue();
      }),
    [desk, isSoundOn],
  );
}
