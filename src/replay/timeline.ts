import type { TwimlPlan } from '../domain/twiml-plan.ts';
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
