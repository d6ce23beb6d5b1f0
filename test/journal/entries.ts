import type { JournalEntry, SessionOpening } from '../../src/dialer/ports.ts';
import type { CallSid, SessionId } from '../../src/domain/ids.ts';

/** Entries as the dialer writes them, of made-up sessions. */
export const session = (name: string): SessionId => name.padEnd(22, '_') as SessionId;

export const opened = (sessionId: SessionId, at = 1000): JournalEntry => ({
  kind: 'opened',
  sessionId,
  at,
  version: 1,
  // The journal keeps an opening as it is, whatever it holds.
  opening: { sessionId, agentName: 'Ada “Zoë” 🦊', lines: 2 } as SessionOpening,
});

export const attached = (sessionId: SessionId, seq: number, at = 1001 + seq): JournalEntry => ({
  kind: 'event',
  sessionId,
  seq,
  at,
  event: { type: 'agent.attached' },
});

export const answered = (sessionId: SessionId, seq: number): JournalEntry => ({
  kind: 'event',
  sessionId,
  seq,
  at: 2000 + seq,
  event: { type: 'consumer.connected', sid: `CA${'0'.repeat(32)}` as CallSid },
  reply: { kind: 'codeKeyed', id: 'x', step: 3 },
});

export const timer = (sessionId: SessionId, seq: number): JournalEntry => ({
  kind: 'timer',
  sessionId,
  seq,
  at: 3000 + seq,
  timer: 7,
});

export const effect = (
  sessionId: SessionId,
  key: string,
  state: 'started' | 'done' | 'unknown',
): JournalEntry => ({ kind: 'effect', sessionId, at: 4000, key, state });

export const closed = (sessionId: SessionId): JournalEntry => ({
  kind: 'closed',
  sessionId,
  at: 5000,
});

export async function all(
  sessions: AsyncIterable<readonly JournalEntry[]>,
): Promise<JournalEntry[]> {
  const read: JournalEntry[] = [];
  for await (const entries of sessions) read.push(...entries);
  return read;
}
