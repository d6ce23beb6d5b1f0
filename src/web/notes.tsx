import { Kbd, Textarea } from '@mantine/core';
import { useSessionStorage } from '@mantine/hooks';
import { useEffect, useRef, type KeyboardEvent } from 'react';
import { useDesk, useDeskState } from './desk-context.ts';
import { KEYS, useKeys } from './keys.ts';
import classes from './notes.module.css';
import { notesKey } from './tab-store.ts';
import { TEXTS } from './texts.ts';

/** A pause in typing: then the draft goes to the server. */
const SAVE_AFTER_MS = 600;

/** The draft of one call's notes: at once in this tab, so that nothing typed is lost; then on the server. */
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

/** `saved`: what the server has of them; null while it has not answered. */
export function Notes({ callId, saved }: { callId: string; saved: string | null }) {
  const { notes, setNotes } = useNotes(callId);
  const field = useRef<HTMLTextAreaElement>(null);
  useKeys([[KEYS.notes.hotkeys, () => field.current?.focus()]]);
  useSaving(callId, notes, saved);
  const isUntouched = useRef(true);
  useEffect(() => {
    // Typed on another computer, or in a tab that is gone.
    if (saved !== null && saved !== '' && notes === '' && isUntouched.current) setNotes(saved);
  }, [saved, notes, setNotes]);
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
      onChange={(event) => {
        isUntouched.current = false;
        setNotes(event.currentTarget.value);
      }}
      onKeyDown={leave}
    />
  );
}

function useSaving(callId: string, notes: string, saved: string | null): void {
  const desk = useDesk();
  const { link } = useDeskState();
  const known = useRef<string | null>(null);
  useEffect(() => {
    if (link.kind !== 'open' || saved === null) return;
    known.current ??= saved;
    if (notes === known.current) return;
    const save = async (): Promise<void> => {
      const { ok } = await desk.ask('agent.saveNotes', { callId, notes });
      if (ok) known.current = notes;
    };
    const timer = setTimeout(() => void save(), SAVE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [desk, callId, notes, saved, link.kind]);
}
