import { Kbd, Textarea } from '@mantine/core';
import { useSessionStorage } from '@mantine/hooks';
import { useEffect, useRef, type KeyboardEvent } from 'react';
import { useDesk, useDeskState } from './desk-context.ts';
import type { CallDetails } from '../protocol/messages.ts';
import { KEYS, useKeys } from './keys.ts';
import classes from './notes.module.css';
import { MOST_NOTES, NO_DRAFT, reconcile } from './notes-draft.ts';
import { notesKey } from './tab-store.ts';
import { TEXTS } from './texts.ts';

/** A pause in typing: then the draft goes to the server. */
const SAVE_AFTER_MS = 600;

/** The draft of one call's notes: at once in this tab, so that nothing typed is lost; then on the server. */
export function useNotes(callId: string) {
  const [draft, setDraft, removeNotes] = useSessionStorage({
    key: notesKey(callId),
    defaultValue: NO_DRAFT,
    getInitialValueInEffect: false,
  });
  return { draft, setDraft, removeNotes };
}

/** Esc gives the keys back, so that a digit is an outcome again. */
function leave(event: KeyboardEvent): void {
  if (event.key !== 'Escape') return;
  event.preventDefault();
  document.querySelector<HTMLElement>('[data-stage-focus]')?.focus();
}

/** `details`: what the server has of them; null while it has not answered. */
export function Notes({ callId, details }: { callId: string; details: CallDetails | null }) {
  const kept = useNotes(callId);
  const { draft, setDraft } = kept;
  const field = useRef<HTMLTextAreaElement>(null);
  useKeys([[KEYS.notes.hotkeys, () => field.current?.focus()]]);
  useEffect(() => {
    if (details !== null) setDraft((before) => reconcile(before, details.notes));
  }, [details, setDraft]);
  useSaving(callId, kept, details !== null);
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
      maxLength={MOST_NOTES}
      value={draft.notes}
      onChange={({ currentTarget: { value } }) =>
        setDraft((before) => ({ ...before, notes: value }))
      }
      onKeyDown={leave}
    />
  );
}

function useSaving(
  callId: string,
  { draft: { notes, known }, setDraft }: ReturnType<typeof useNotes>,
  isReconciled: boolean,
): void {
  const desk = useDesk();
  const { link } = useDeskState();
  useEffect(() => {
    if (link.kind !== 'open' || !isReconciled || notes === known) return;
    const save = async (): Promise<void> => {
      setDraft((before) => ({ ...before, sent: notes }));
      const { ok } = await desk.ask('agent.saveNotes', { callId, notes });
      if (ok) setDraft((before) => ({ ...before, known: notes }));
    };
    const timer = setTimeout(() => void save(), SAVE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [desk, callId, notes, known, isReconciled, link.kind, setDraft]);
}
