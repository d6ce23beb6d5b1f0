import { Button, Kbd, Loader, Switch, Text } from '@mantine/core';
import { useState } from 'react';
import { DISPOSITIONS, type Disposition } from '../domain/outcome.ts';
import { useDesk, useDeskState } from './desk-context.ts';
import classes from './dispositions.module.css';
import { explain } from './explain.ts';
import { KEYS, useKeys } from './keys.ts';
import type { KeptNotes } from './notes.tsx';
import { TEXTS } from './texts.ts';

/** One key records the outcome, with whatever stands in the notes. */
export function Dispositions({ callId, kept }: { callId: string; kept: KeptNotes }) {
  const desk = useDesk();
  const { link, pending, view } = useDeskState();
  const [chosen, setChosen] = useState<Disposition | null>(null);
  const isCallingOn = view?.autoNext ?? false;
  const setCallingOn = (on: boolean) => void desk.command('agent.setAutoNext', { on });
  const isBusy = pending.has('agent.dispose');
  const isOpen = link.kind === 'open';

  const dispose = async (disposition: Disposition) => {
    if (isBusy) return;
    if (!isOpen) return explain(TEXTS.disposition[disposition], TEXTS.unavailable.noConnection);
    setChosen(disposition);
    const params = { callId, disposition, notes: kept.read() };
    if (await desk.command('agent.dispose', params)) kept.forget();
  };
  useKeys(
    DISPOSITIONS.map((disposition, index) => [
      // Shift is how a digit is typed on some keyboards.
      [`${index + 1}`, `shift+${index + 1}`],
      () => void dispose(disposition),
    ]),
  );

  useKeys([[KEYS.callOn.hotkeys, () => setCallingOn(!isCallingOn)]]);

  return (
    <div>
      <Text className={classes['ask']}>{TEXTS.wrapUp.ask}</Text>
      <div className={classes['grid']} role="group" aria-label={TEXTS.wrapUp.group}>
        {DISPOSITIONS.map((disposition, index) => (
          <Button
            key={disposition}
            variant="default"
            justify="space-between"
            aria-disabled={isBusy || !isOpen}
            aria-busy={isBusy && chosen === disposition}
            aria-keyshortcuts={`${index + 1}`}
            {...(isOpen ? {} : { 'data-disabled': true })}
            rightSection={
              isBusy && chosen === disposition ? (
                <Loader size={16} />
              ) : (
                <Kbd aria-hidden="true">{index + 1}</Kbd>
              )
            }
            onClick={() => void dispose(disposition)}
          >
            {TEXTS.disposition[disposition]}
          </Button>
        ))}
      </div>
      <Switch
        className={classes['callOn']}
        label={
          <>
            {TEXTS.wrapUp.callOn} <Kbd aria-hidden="true">{KEYS.callOn.label}</Kbd>
          </>
        }
        aria-keyshortcuts={KEYS.callOn.aria}
        checked={isCallingOn}
        onChange={(event) => setCallingOn(event.currentTarget.checked)}
      />
    </div>
  );
}
