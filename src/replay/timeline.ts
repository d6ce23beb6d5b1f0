import type { TwimlPlan } from '../domain/twiml-plan.ts';
import type { JournalEntry } from '../dialer/ports.ts';
import type { Step } from './script.ts';

export interface Change {
  id: string;
  before: string;
  after: string;
}

/** One thing that happened and what it led to. */
export interface Row {
  /** Line of the recording; 0 for what the recording only implies, and for timers. */
  line: number;
  /** Milliseconds since 1970. */
  at: number;
  /** A kind of request, or `signIn`, `dial`, `command`, `created`, `page`, `fact`, `timer`. */
  kind: string;
  callSid: string | null;
  leg: 'agent' | 'lead' | null;
  /** What reached the session first, and what followed from it in the same turn. */
  event: string | null;
  followedBy: string[];
  session: Change | null;
  call: Change | null;
  plan: TwimlPlan | null;
  /** What the page is told besides its view. */
  notices: PageNotice[];
  /** What Twilio is asked to do. */
  orders: string[];
  anomalies: string[];
  inferred: readonly string[];
  step: Step | null;
}

export interface PageNotice {
  type: 'answered' | 'ended' | 'listFinished';
  callId: string | null;
  outcome: string | null;
}

/** `{ dialing: { placed: { ringing: 'early' } } }` is `dialing.placed.ringing`: three words tell enough. */
export function stateName(value: unknown): string {
  const words: string[] = [];
  let inner = value;
  while (typeof inner === 'object' && inner !== null && words.length < 3) {
    const [word = ''] = Object.keys(inner);
    words.push(word);
    inner = (inner as Record<string, unknown>)[word];
  }
  if (typeof inner === 'string' && words.length < 3) words.push(inner);
  return words.join('.');
}

export function emptyRow(step: Step | null, at: number): Row {
  const isWebhook = step?.step === 'webhook';
  return {
    line: step?.line ?? 0,
    at,
    kind: isWebhook ? step.kind : (step?.step ?? 'timer'),
    callSid: isWebhook ? step.callSid : null,
    leg: null,
    event: null,
    followedBy: [],
    session: null,
    call: null,
    plan: null,
    notices: [],
    orders: [],
    anomalies: [],
    inferred: isWebhook ? step.inferred : [],
    step,
  };
}

/** A timer that changed nothing visible is not worth a line. */
export const isTelling = (row: Row): boolean =>
  row.session?.before !== row.session?.after ||
  row.call?.before !== row.call?.after ||
  row.notices.length > 0 ||
  row.orders.length > 0;

export function nameOf(entry: JournalEntry): string | null {
  if (entry.kind === 'timer') return 'timer';
  if (entry.kind !== 'event') return null;
  return entry.event.type === 'call.deliver' ? entry.event.event.type : entry.event.type;
}

export function firstCall(entries: readonly JournalEntry[]): string | null {
  for (const entry of entries) {
    if (entry.kind === 'event' && entry.event.type === 'call.deliver') return entry.event.callId;
  }
  return null;
}
