import { Button } from '@mantine/core';
import { useEffect, useMemo } from 'react';
import { ActionButton } from './action-button.tsx';
import { useDesk, useDeskState } from './desk-context.ts';
import { ServerClockContext } from './server-clock.ts';
import { DeskPage } from './desk-page.tsx';
import { FullPage, FullPageWait } from './full-page.tsx';
import { MachinesPlace } from './machines-place.tsx';
import { usePlace } from './route.ts';
import { SignIn } from './sign-in.tsx';
import { titleOf } from './situation.ts';
import { TEXTS } from './texts.ts';

/** Which page this is follows from the link alone; what is on it, from the view. */
export function App() {
  const desk = useDesk();
  const { link, view, serverOffsetMs } = useDeskState();
  const isLive = link.kind === 'open';
  const clock = useMemo(() => ({ offsetMs: serverOffsetMs, isLive }), [serverOffsetMs, isLive]);
  const place = usePlace();
  useEffect(() => {
    document.title = view === null ? TEXTS.product : tabTitle(view);
  }, [view]);

  const isOwn = link.kind !== 'replaced' && link.kind !== 'mismatch';
  if (place === 'machines' && view !== null && isOwn) return <MachinesPlace />;
  switch (link.kind) {
    case 'signedOut':
      return <SignIn reason={link.reason} />;
    case 'replaced':
      return (
        <FullPage title={TEXTS.replaced.title} text={TEXTS.replaced.text}>
          <ActionButton
            keyName="use"
            label={TEXTS.replaced.useHere}
            why={null}
            onAct={() => desk.takeOver()}
            size="md"
            fullWidth
          />
        </FullPage>
      );
    case 'mismatch':
      return (
        <FullPage title={TEXTS.mismatch.title} text={TEXTS.mismatch.text}>
          <Button size="md" fullWidth onClick={() => window.location.reload()}>
            {TEXTS.mismatch.reload}
          </Button>
        </FullPage>
      );
    case 'connecting':
    case 'open':
    case 'lost':
      if (view !== null) {
        return (
          <ServerClockContext value={clock}>
            <DeskPage view={view} />
          </ServerClockContext>
        );
      }
      return <FullPageWait text={link.kind === 'lost' ? TEXTS.link.lostTitle : TEXTS.resuming} />;
  }
}

/** A tab in the background says where its agent stands. */
function tabTitle(view: NonNullable<ReturnType<typeof useDeskState>['view']>): string {
  return `${view.talk?.lead.name ?? titleOf(view)} · ${TEXTS.product}`;
}
