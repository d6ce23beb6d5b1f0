import { Type } from 'typebox';
import { Value } from 'typebox/value';

const Draft = Type.Object({ notes: Type.String(), known: Type.String(), sent: Type.String() });

/** The notes of one call as this tab has them. */
export interface NotesDraft {
  notes: string;
  /** What the server had when it last said so. */
  known: string;
  /** What was last sent to it; whether it arrived is not known until it is `known`. */
  sent: string;
}

const NO_DRAFT: NotesDraft = { notes: '', known: '', sent: '' };

/** What a tab has kept, as text; anything else than a draft of this page's version is no draft. */
export function parseDraft(text: string | null): NotesDraft {
  try {
    const kept: unknown = JSON.parse(text ?? 'null');
    // Before drafts knew what the server had, they were the notes alone.
    if (typeof kept === 'string') return { ...NO_DRAFT, notes: kept };
    return Value.Check(Draft, kept) ? kept : NO_DRAFT;
  } catch {
    // Not JSON: nothing that this page has written.
    return NO_DRAFT;
  }
}

/** The server takes so many characters: src/protocol/messages.ts. */
export const MOST_NOTES = 4000;

/**
 * The draft after the server has said what it has. Where only one side has gone on, that side is right; where both have (two
 * tabs, two computers), both texts are kept, one below the other: nothing typed is lost, and nothing is guessed.
 */
export function reconcile(draft: NotesDraft, saved: string): NotesDraft {
  const isOurs = saved === draft.known || saved === draft.sent || saved === draft.notes;
  if (isOurs) return { ...draft, known: saved };
  const isUntouched = draft.notes === draft.known;
  const notes = isUntouched ? saved : `${saved}\n${draft.notes}`.slice(0, MOST_NOTES);
  return { ...draft, notes, known: saved };
}
