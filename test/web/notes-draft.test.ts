import { expect, test } from 'vitest';
import { MOST_NOTES, parseDraft, reconcile } from '../../src/web/notes-draft.ts';

const draft = (notes: string, known: string, sent = known) => ({ notes, known, sent });

test.for([
  ['nothing was typed here, the server has a draft', draft('', ''), 'theirs', 'theirs'],
  ['typed on here, nothing new there', draft('mine and more', 'mine'), 'mine', 'mine and more'],
  ['untouched here, typed on there', draft('mine', 'mine'), 'mine and theirs', 'mine and theirs'],
  ['what was sent has arrived unheard', draft('abc', '', 'ab'), 'ab', 'abc'],
  ['cleared there', draft('mine', 'mine'), '', ''],
  ['typed on at both places', draft('mine', ''), 'theirs', 'theirs\nmine'],
] as const)('notes are kept when %s', ([, before, saved, notes]) => {
  expect(reconcile(before, saved)).toMatchObject({ notes, known: saved });
});

test('a draft made of two is no longer than the server takes', () => {
  const { notes } = reconcile(draft('m'.repeat(3000), ''), 't'.repeat(3000));
  expect(notes).toHaveLength(MOST_NOTES);
});

test.for([
  ['nothing', null, ''],
  ['a draft', '{"notes":"mine","known":"","sent":""}', 'mine'],
  ['the notes alone, as an older page kept them', '"mine"', 'mine'],
  ['something else', '{"notes":7}', ''],
  ['no JSON', 'mine', ''],
] as const)('what a tab has kept may be %s', ([, text, notes]) => {
  expect(parseDraft(text).notes).toBe(notes);
});
