import type { CallId, LeadId, SessionId } from './ids.ts';
import type { Disposition, EndedBy, Outcome } from './outcome.ts';

export type SessionState =
  | 'idle'
  | 'consumerConnected'
  | 'dialing'
  | 'queued'
  | 'bridged'
  | 'completed';

/** Where an attempt stands; the second word tells which kind of `dialing` or `ending` it is. */
export type CallState = 'idle' | 'dialing' | 'queued' | 'bridged' | 'ending' | 'completed';
export type CallPhase =
  | 'waitingForLine'
  | 'requesting'
  | 'placed'
  | 'ringing'
  | 'unconfirmed'
  | null;

/** Why no lead is being dialed right now; null while one is, or while the agent talks. */
export type Quiet =
  | 'phoneNotConnected'
  | 'readyToCall'
  | 'paused'
  | 'dispositionOwed'
  | 'waitingForLine'
  | 'listFinished'
  | 'signedOut'
  /** The disk is full or broken: nothing is begun, and the view is of the moment before. */
  | 'journalUnwritable';

export interface LeadView {
  leadId: LeadId;
  name: string;
  /** E.164. */
  phone: string;
  columns: Record<string, string>;
}

export interface CallView {
  callId: CallId;
  lead: LeadView;
  state: CallState;
  phase: CallPhase;
  /** Milliseconds since 1970 at which the call came into this state. */
  since: number;
  outcome: Outcome | null;
}

export interface EndedCallView {
  callId: CallId;
  lead: LeadView;
  outcome: Outcome;
  disposition: Disposition | null;
  endedAt: number;
  /** Length of the talk in milliseconds; null where nobody talked. */
  talkMs: number | null;
  /** Null where nobody talked, or nobody has told yet. */
  endedBy: EndedBy | null;
}

/** Where a phone stands that has dialed in and is not known to be anybody’s yet. */
export type GateStage = 'prompting' | 'wrongCode' | 'dismissed';

/** All that the page of one agent shows: the server’s last word. */
export interface SessionView {
  sessionId: SessionId;
  agentName: string;
  state: SessionState;
  /** `ready`, `paused` or `wrappingUp` while connected; `wrappingUp` while idle and a disposition is owed. */
  mode: 'ready' | 'paused' | 'wrappingUp' | null;
  since: number;
  /** The number to phone, E.164, and the code to key; null while the phone is connected. */
  dialIn: {
    number: string;
    accessCode: string | null;
    /** The last phone that dialed in without a right code yet: hers or another agent’s, nobody can tell. */
    gate: { stage: GateStage; at: number } | null;
  };
  phoneConnected: boolean;
  lines: number;
  calls: CallView[];
  /** The lead the agent is being bridged to or talks with. */
  talk: { callId: CallId; lead: LeadView; since: number } | null;
  /** The talk whose disposition is owed. */
  wrapUp: {
    callId: CallId;
    lead: LeadView;
    /** When the talk was over. */
    since: number;
    talkMs: number | null;
    endedBy: EndedBy | null;
  } | null;
  /** Whether calling goes on by itself after an outcome. */
  autoNext: boolean;
  /** The last request of the telephone network that did not fit this session. */
  anomalyAt: number | null;
  /** Newest first, at most 20. */
  recent: EndedCallView[];
  quiet: Quiet | null;
}
