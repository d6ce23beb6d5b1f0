import { Button, Textarea } from '@mantine/core';
import { useState } from 'react';
import { DISPOSITIONS, type Disposition } from '../domain/outcome.ts';
import type { View } from '../protocol/messages.ts';
import { useDesk } from './desk-context.ts';
import classes from './dispositions.module.css';
import { MOST_NOTES } from './notes-draft.ts';
import { TEXTS } from './texts.ts';
import { useAnswer } from './use-answer.ts';

interface CorrectSheetProps {
  call: View['recent'][number];
  onClose: () => void;
}

/** A second thought: another outcome, or other notes, of a talk of this session. */
export function CorrectSheet({ call, onClose }: CorrectSheetProps) {
  const desk = useDesk();
  const details = useAnswer('call.details', { callId: call.callId });
  const [typed, setTyped] = useState<string | null>(null);
  const notes = typed ?? details?.notes ?? '';
  const correct = async (disposition: Disposition) => {
    const params = { callId: call.callId, disposition, notes };
    if (await desk.command('agent.correct', params)) onClose();
  };
  return (
    <>
      <Textarea
        label={TEXTS.correctSheet.notes}
        rows={4}
        maxLength={MOST_NOTES}
        value={notes}
        // What is recorded must have been seen: until then it cannot be replaced.
        disabled={details === null}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <div className={classes['grid']} role="group" aria-label={TEXTS.wrapUp.group}>
        {DISPOSITIONS.map((disposition) => (
          <Button
            key={disposition}
            variant={disposition === call.disposition ? 'light' : 'default'}
            aria-pressed={disposition === call.disposition}
            disabled={details === null}
            onClick={() => void correct(disposition)}
          >
            {TEXTS.disposition[disposition]}
          </Button>
        ))}
      </div>
    </>
  );
}
