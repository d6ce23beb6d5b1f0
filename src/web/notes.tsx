import { Kbd, Textarea } from '@mantine/core';
import { useCallback, useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useDesk, useDeskState } from './desk-context.ts';
import type { CallDetails } from '../protocol/messages.ts';
import { KEYS, useKeys } from './keys.ts';
import classes from './notes.module.css';
import { MOST_NOTES, parseDraft, reconcile, type NotesDraft } from './notes-draft.ts';
import { notesKey } from './tab-store.ts';
import { TEXTS } from './texts.ts';

/** A pause in typing: then the draft goes to the server. */
const SAVE_AFTER_MS = 600;

export type KeptNotes = ReturnType<typeof useNotes>;

/**
 * The draft of one call's notes: in this tab with each key, so that nothing typed is lost; then on the server. One owner for all
 * who show or send it, and kept at once: copies that tell one another later have lost letters.
 */
export function useNotes(callId: string) {
  const [draft, show] = useState(() => parseDraft(sessionStorage.getItem(notesKey(callId))));
  const latest = useRef<NotesDraft | null>(draft);
  const change = useCallback(
    (next: (before: NotesDraft) => NotesDraft): void => {
      // Recorded with its outcome: an answer that comes late brings no draft back.
      if (latest.current === null) return;
      latest.current = next(latest.current);
      sessionStorage.setItem(notesKey(callId), JSON.stringify(latest.current));
      show(latest.current);
    },
    [callId],
  );
  const forget = useCallback((): void => {
    latest.current = null;
    sessionStorage.removeItem(notesKey(callId));
  }, [callId]);
  /** What stands there now, whatever has been rendered. */
  const read = useCallback((): string => latest.current?.notes ?? '', []);
  return { draft, change, forget, read };
}

/** Esc gives the keys back, so that a digit is an outcome again. */
function leave(event: KeyboardEvent): void {
  if (event.key !== 'Escape') return;
  event.preventDefault();
  document.querySelector<HTMLElement>('[data-stage-focus]')?.focus();
}

interface NotesProps {
  callId: string;
  kept: KeptNotes;
  /** What the server has of them; null while it has not answered. */
  details: CallDetails | null;
}

export function Notes({ callId, kept, details }: NotesProps) {
  const { draft, change } = kept;
  const field = useRef<HTMLTextAreaElement>(null);
  useKeys([[KEYS.notes.hotkeys, () => field.current?.focus()]]);
  useEffect(() => {
    if (details !== null) change((before) => reconcile(before, details.notes));
  }, [details, change]);
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
      onChange={({ currentTarget: { value } }) => change((before) => ({ ...before, notes: value }))}
      onKeyDown={leave}
    />
  );
}

function useSaving(
  callId: string,
  { draft: { notes, known }, change }: KeptNotes,
  isReconciled: boolean,
): void {
  const desk = useDesk();
  const { link } = useDeskState();
  useEffect(() => {
    if (link.kind !== 'open' || !isReconciled || notes === known) return;
    const save = async (): Promise<void> => {
      change((before) => ({ ...before, sent: notes }));
      const { ok } = await desk.ask('agent.saveNotes', { callId, notes });
      if (ok) change((before) => ({ ...before, known: notes }));
    };
    const timer = setTimeout(() => void save(), SAVE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [desk, callId, notes, known, isReconciled, link.kind, change]);
}
