import { describe } from 'vitest';
import { MemoryJournal } from '../../src/journal/memory-journal.ts';
import { journalContract } from './journal-contract.ts';

describe('the journal in memory', () => {
  journalContract(async () => new MemoryJournal());
});
