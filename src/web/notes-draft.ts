/** The notes of one call as this tab has them. */
export interface NotesDraft {
  notes: string;
  /** What the server had when it last said so. */
  known: string;
  /** What was last sent to it; whether it arrived is not known until it is `known`. */
  sent: string;
}

export const NO_DRAFT: NotesDraft = { notes: '', known: '', sent: '' };

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
