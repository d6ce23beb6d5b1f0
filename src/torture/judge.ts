import type Database from 'libsql';
import { beside } from '../journal/check-store.ts';
import type { Ledger, LedgerCall } from '../simulator/ledger.ts';
import type { RequestRecord } from '../simulator/webhooks.ts';
import type { Acknowledgements } from './robot-agent.ts';

export interface Verdict {
  /** Acknowledged words that were looked for. */
  acknowledged: number;
  lost: string[];
  secondDials: string[];
  stuckCalls: string[];
  orphanLegs: string[];
}

interface Attempt {
  leadId: string | null;
  outcome: string | null;
  disposition: string | null;
}

/** What the journal and the lists hold at the end. */
interface Books {
  sessions: Set<string>;
  openSessions: string[];
  /** Entries of a session and event type. */
  events: Map<string, number>;
  ended: Set<string>;
  /** Attempts that the journal knew of before they were dialed. */
  planned: Set<string>;
  answered: Set<string>;
  consumers: Set<string>;
  attempts: Map<string, Attempt>;
  reserved: string[];
}

/** Compares what was acknowledged and what truly happened with what was written down; everything is at rest. */
export function judge(
  storePath: string,
  acks: Acknowledgements,
  ledger: Ledger,
  requests: readonly RequestRecord[],
): Verdict {
  const books = beside(storePath, readBooks);
  const calls = ledger.calls.filter(({ direction }) => direction === 'outbound-api');
  const claims = [...agentClaims(acks, books), ...networkClaims(calls, requests, books)];
  return {
    acknowledged: claims.length,
    lost: claims.flatMap(({ holds, words }) => (holds ? [] : words)),
    secondDials: secondDials(calls, books),
    stuckCalls: [
      ...books.openSessions.map((id) => `session ${id} is not closed`),
      ...books.reserved.map((id) => `lead ${id} is still reserved`),
      ...calls.flatMap((call) => {
        const callId = callIdOf(call);
        if (callId !== null && books.attempts.get(callId)?.outcome) return [];
        return `call ${callId ?? call.callSid} has no outcome`;
      }),
    ],
    orphanLegs: ledger
      .liveCalls()
      .map((call) => `${call.direction} ${call.callSid} is ${call.status} (${callIdOf(call)})`),
  };
}

interface Claim {
  holds: boolean;
  words: string;
}

const claim = (holds: boolean, words: string): Claim => ({ holds, words });

function agentClaims(acks: Acknowledgements, books: Books): Claim[] {
  const { attempts } = books;
  return [
    ...[...acks.sessions].map((id) => claim(books.sessions.has(id), `session ${id}`)),
    ...[...acks.refused].map((id) =>
      claim(books.ended.has(id), `session ${id} was refused although nothing ended it`),
    ),
    ...[...acks.commands].map(([key, count]) =>
      claim((books.events.get(key) ?? 0) >= count, `${count} of ${key}`),
    ),
    ...[...acks.dispositions].map(([callId, disposition]) =>
      claim(
        attempts.get(callId)?.disposition === disposition,
        `disposition ${disposition} of ${callId}: ${attempts.get(callId)?.disposition}`,
      ),
    ),
    ...[...acks.outcomes].map(([callId, outcome]) =>
      claim(
        attempts.get(callId)?.outcome === outcome,
        `outcome ${outcome} of ${callId}: ${attempts.get(callId)?.outcome}`,
      ),
    ),
    ...[...acks.answered].map((callId) =>
      claim(
        attempts.get(callId)?.outcome === 'talked',
        `the talk of ${callId}: ${attempts.get(callId)?.outcome}`,
      ),
    ),
  ];
}

/** What the network was told: a dial, a reply to a leg. */
function networkClaims(
  calls: readonly LedgerCall[],
  requests: readonly RequestRecord[],
  books: Books,
): Claim[] {
  const dials = calls.map((call) => {
    const callId = callIdOf(call);
    return {
      holds: callId !== null && books.planned.has(callId),
      words: `the intent to dial ${callId ?? call.callSid}`,
    };
  });
  const replies = requests.flatMap(({ url, responseBody, callSid }): Claim[] => {
    const body = responseBody ?? '';
    const callId = /\/enqueue\/([^/]+)\//.exec(url)?.[1];
    if (callId !== undefined && body.includes('<Enqueue')) {
      return [{ holds: books.answered.has(callId), words: `the answer of ${callId}` }];
    }
    if (url.includes('/consume/') && body.includes('<Queue')) {
      return [{ holds: books.consumers.has(callSid ?? ''), words: `the phone ${callSid}` }];
    }
    return [];
  });
  return [...dials, ...replies];
}

/** One call per attempt; a number is called again only when its last call was withdrawn before an answer and is over. */
function secondDials(calls: readonly LedgerCall[], books: Books): string[] {
  const byCallId = groupBy(calls, (call) => callIdOf(call) ?? call.callSid);
  const twice = [...byCallId].flatMap(([callId, placed]) =>
    placed.length > 1 ? `attempt ${callId} was placed ${placed.length} times` : [],
  );
  const byNumber = groupBy(calls, (call) => call.to);
  const again = [...byNumber.values()].flatMap((placed) => {
    const inOrder = placed.toSorted((a, b) => a.placedAt - b.placedAt);
    return inOrder.slice(1).flatMap((call, index) => {
      const before = inOrder[index];
      const outcome = before && books.attempts.get(callIdOf(before) ?? '')?.outcome;
      const wasOver = (before?.endedAt ?? Infinity) <= call.placedAt;
      if (outcome === 'canceled' && wasOver) return [];
      return `${callIdOf(call)} rang the lead of ${before && callIdOf(before)} (${outcome}, ${wasOver ? 'over' : 'live'})`;
    });
  });
  return [...twice, ...again];
}

function groupBy(
  calls: readonly LedgerCall[],
  keyOf: (call: LedgerCall) => string,
): Map<string, LedgerCall[]> {
  const groups = new Map<string, LedgerCall[]>();
  for (const call of calls) {
    const group = groups.get(keyOf(call));
    if (group) group.push(call);
    else groups.set(keyOf(call), [call]);
  }
  return groups;
}

const callIdOf = (call: LedgerCall): string | null =>
  /\/twilio-webhook\/[a-z-]+\/([A-Za-z0-9_-]{22})/.exec(call.url ?? '')?.[1] ?? null;

function readBooks(db: Database.Database): Books {
  const rows = <Row>(sql: string): Row[] => db.prepare(sql).raw().all() as Row[];
  const books: Books = {
    sessions: new Set(),
    openSessions: [],
    events: new Map(),
    ended: new Set(),
    planned: new Set(),
    answered: new Set(),
    consumers: new Set(),
    attempts: new Map(),
    reserved: rows<[string]>(`SELECT lead_id FROM lead WHERE state = 'reserved'`).map(([id]) => id),
  };
  for (const [id, closedAt] of rows<[string, number | null]>(
    'SELECT session_id, closed_at FROM session',
  )) {
    books.sessions.add(id);
    if (closedAt === null) books.openSessions.push(id);
    else books.ended.add(id);
  }
  for (const [callId, leadId, outcome, disposition] of rows<[string, string, string, string]>(
    'SELECT call_id, lead_id, outcome, disposition FROM attempt',
  )) {
    books.attempts.set(callId, { leadId, outcome, disposition });
  }
  const entries = rows<[string, string]>(
    `SELECT s.session_id, e.data FROM entry e JOIN session s ON s.id = e.session
     WHERE e.kind = 'event' ORDER BY e.id`,
  );
  for (const [sessionId, data] of entries) readEvent(books, sessionId, data);
  return books;
}

interface StoredEvent {
  type: string;
  sid?: string;
  callId?: string;
  calls?: { callId: string }[];
  event?: { type: string };
}

function readEvent(books: Books, sessionId: string, data: string): void {
  const { event } = JSON.parse(data) as { event: StoredEvent };
  const key = `${sessionId} ${event.type}`;
  books.events.set(key, (books.events.get(key) ?? 0) + 1);
  if (event.type === 'agent.signOut') books.ended.add(sessionId);
  if (event.type === 'consumer.connected' && event.sid) books.consumers.add(event.sid);
  for (const { callId } of event.calls ?? []) books.planned.add(callId);
  if (event.event?.type === 'leg.answered' && event.callId) books.answered.add(event.callId);
}
