import { readOwnPath } from './own-paths.ts';
import type { RecordedEntry, RecordedFact, RecordedRequest } from './recording.ts';
import { leadNumberOf } from './script.ts';

const BEFORE_MS = 1000;
/** A session that no request names: all that is known is that somebody called leads. */
const UNNAMED_SESSION = 'session-00000000000000';

interface Known {
  /** Which session a call belongs to. */
  sessionOfCall: Map<string, string>;
  sessionOfLeg: Map<string, string>;
  sidOfCall: Map<string, string>;
  numberOfCall: Map<string, string>;
  /** Place of the first request about each call. */
  firstOfCall: Map<string, number>;
}

/**
 * Traffic that was recorded outside the server tells only what Twilio asked and was answered. Our ids stand in the paths
 * and in the documents; from them follow who was signed in, whose code was keyed, who was called and when.
 */
export function implyFacts(entries: readonly RecordedEntry[]): RecordedEntry[] {
  const known = collect(entries);
  const first = entries[0]?.at ?? 0;
  const sessions = [...new Set([...known.sessionOfLeg.values(), ...known.sessionOfCall.values()])];
  const facts: RecordedEntry[] = sessions.map((session, index) => ({
    kind: 'signIn',
    line: 0,
    at: first - BEFORE_MS,
    session,
    agent: `agent ${index + 1}`,
    lines: 1,
    code: null,
  }));
  const dialed = new Set<string>();
  for (const [index, entry] of entries.entries()) {
    if (entry.kind === 'request') {
      facts.push(...codeBefore(entry, known), ...callsBefore(entries, index, known, dialed));
    }
    facts.push(entry);
  }
  return facts;
}

function collect(entries: readonly RecordedEntry[]): Known {
  const known: Known = {
    sessionOfCall: new Map(),
    sessionOfLeg: new Map(),
    sidOfCall: new Map(),
    numberOfCall: new Map(),
    firstOfCall: new Map(),
  };
  const callOfSid = new Map<string, string>();
  const sessionOfSid = new Map<string, string>();
  for (const [index, entry] of entries.entries()) {
    const route = entry.kind === 'request' ? readOwnPath(entry.path) : null;
    if (entry.kind !== 'request' || !route) continue;
    const { call, session } = route.params;
    const sid = entry.form?.['CallSid'] ?? '';
    const queue = /queue-([A-Za-z0-9_-]{22})</.exec(entry.answered?.body ?? '')?.[1];
    if (call !== undefined) {
      callOfSid.set(sid, call);
      if (!known.sidOfCall.has(call)) known.sidOfCall.set(call, sid);
      if (!known.firstOfCall.has(call)) known.firstOfCall.set(call, index);
      if (queue !== undefined) known.sessionOfCall.set(call, queue);
      const to = entry.form?.['To'];
      if (to) known.numberOfCall.set(call, to);
    }
    if (route.kind === 'codeKeyed' && queue !== undefined) known.sessionOfLeg.set(sid, queue);
    if (route.kind === 'stopConsuming' && session) known.sessionOfLeg.set(sid, session);
    if (route.kind === 'bridging' && session) {
      sessionOfSid.set(sid, session);
      const consumer = entry.form?.['DequeingCallSid'];
      if (consumer) known.sessionOfLeg.set(consumer, session);
    }
  }
  for (const [sid, session] of sessionOfSid) {
    const call = callOfSid.get(sid);
    if (call !== undefined) known.sessionOfCall.set(call, session);
  }
  const [only = UNNAMED_SESSION] = [
    ...known.sessionOfLeg.values(),
    ...known.sessionOfCall.values(),
  ];
  for (const call of known.firstOfCall.keys()) {
    if (!known.sessionOfCall.has(call)) known.sessionOfCall.set(call, only);
  }
  return known;
}

/** The digits that connected a leg were the code of its session. */
function codeBefore(entry: RecordedRequest, { sessionOfLeg }: Known): RecordedFact[] {
  const route = readOwnPath(entry.path);
  const session = sessionOfLeg.get(entry.form?.['CallSid'] ?? '');
  const digits = entry.form?.['Digits'];
  if (route?.kind !== 'codeKeyed' || !session || !digits) return [];
  if (entry.answered?.body && !entry.answered.body.includes('<Queue')) return [];
  return [{ kind: 'code', line: 0, at: entry.at, session, code: digits }];
}

/** Calls that are first heard of here, and those that follow before anybody has talked: one click. */
function callsBefore(
  entries: readonly RecordedEntry[],
  index: number,
  known: Known,
  dialed: Set<string>,
): RecordedFact[] {
  const entry = entries[index];
  const call = entry?.kind === 'request' ? readOwnPath(entry.path)?.params['call'] : undefined;
  if (!entry || call === undefined || dialed.has(call)) return [];
  const session = known.sessionOfCall.get(call) ?? UNNAMED_SESSION;
  const end = firstTalkAfter(entries, index);
  const batch = [...known.firstOfCall].filter(
    ([id, first]) =>
      first >= index && first < end && known.sessionOfCall.get(id) === session && !dialed.has(id),
  );
  const calls = batch.map(([id]) => {
    dialed.add(id);
    const to = known.numberOfCall.get(id) ?? leadNumberOf(dialed.size);
    return { call: id, lead: `lead-${dialed.size}`, to };
  });
  const created: RecordedFact[] = calls.map(({ call: id }) => ({
    kind: 'rest',
    line: 0,
    at: entry.at,
    asked: 'create',
    call: id,
    callSid: known.sidOfCall.get(id) ?? null,
    result: 'placed',
    status: null,
    code: null,
  }));
  return [{ kind: 'dial', line: 0, at: entry.at, session, calls }, ...created];
}

function firstTalkAfter(entries: readonly RecordedEntry[], index: number): number {
  for (let at = index; at < entries.length; at += 1) {
    const entry = entries[at];
    const kind = entry?.kind === 'request' ? readOwnPath(entry.path)?.kind : undefined;
    if (kind === 'onDequeue' || kind === 'stopConsuming') return at;
  }
  return entries.length;
}
