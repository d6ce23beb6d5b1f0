import { Kbd, Textarea } from '@mantine/core';
import { useSessionStorage } from '@mantine/hooks';
import { useRef, type KeyboardEvent } from 'react';
import { KEYS, useKeys } from './keys.ts';
import classes from './notes.module.css';
import { notesKey } from './tab-store.ts';
import { TEXTS } from './texts.ts';

/** The draft of one call's notes: survives a reload, a lost socket and the change from talk to wrap-up. */
export function useNotes(callId: string) {
  const [notes, setNotes, removeNotes] = useSessionStorage({
    key: notesKey(callId),
    defaultValue: '',
    getInitialValueInEffect: false,
  });
  return { notes, setNotes, removeNotes };
}

/** Esc gives the keys back, so that a digit is an outcome again. */
function leave(event: KeyboardEvent): void {
  if (event.key !== 'Escape') return;
  event.preventDefault();
  document.querySelector<HTMLElement>('[data-stage-focus]')?.focus();
}

export function Notes({ callId }: { callId: string }) {
  const { notes, setNotes } = useNotes(callId);
  const field = useRef<HTMLTextAreaElement>(null);
  useKeys([[KEYS.notes.hotkeys, () => field.current?.focus()]]);
  return (
    <Textarea
      ref={field}
      className={classes['notes']}
      classNames={{ label: classes['label'] ?? '' }}
      label={
        <>
          {TEXTS.talk.notes} <Kbd aria-hidden="true">{KEYS.notes.label}</Kbd>
        </>
      }
      description={TEXTS.talk.notesLeave}
      inputWrapperOrder={['label', 'input', 'description']}
      placeholder={TEXTS.talk.notesPlaceholder}
      aria-keyshortcuts={KEYS.notes.aria}
      rows={5}
      maxLength={4000}
      value={notes}
      onChange={(event) => setNotes(event.currentTarget.value)}
      onKeyDown={leave}
    />
  );
}
