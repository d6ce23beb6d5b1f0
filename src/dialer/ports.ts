import type { AgentSessionInput } from '../../machines/agent-session.ts';
import type { CallStatus } from '../domain/call-status.ts';
import type { SessionEvent } from '../domain/events.ts';
import type { AgentId, CallId, CallSid, LeadId, SessionId } from '../domain/ids.ts';
import type { Lead } from '../domain/lead.ts';
import type { Disposition, Outcome } from '../domain/outcome.ts';
import type { PhoneNumber } from '../domain/phone-number.ts';
import type { TwimlPlan } from '../domain/twiml-plan.ts';
import type { WebhookKind } from '../domain/webhook.ts';
import type { SessionView } from '../domain/session-view.ts';

/** Time comes from outside: real in the server, virtual in tests and shifts. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `fire` once at `at` (or as soon as possible after); returns its cancellation. */
  wakeAt(at: number, fire: () => void): () => void;
  /** From now on it is not earlier than `at`: time never runs backwards, whatever the system's clock is set to. */
  notBefore(at: number): void;
}

export interface Random {
  /** 128 random bits as 22 base64url characters. */
  id(): string;
  /** A whole number below 1,000,000, from a cryptographic source. */
  accessCode(): number;
}

/** The reply that an entry gave, so that a replay can give it again: see `SessionHost.replyFor`. */
export interface ReplyKey {
  kind: WebhookKind;
  /** The leg that asked, or the call id that its URL named. */
  id: string;
  /** The leg, where `id` is a call's: two legs under one call id are not each other's repeats. */
  sid?: CallSid;
  step: number;
}

/** What was asked of Twilio's REST API. */
export type RestQuestion = 'end' | 'inspect' | 'find' | 'dismiss';

/** All that a session was started with: settings may change between a journal's writing and its replay. */
export interface SessionOpening extends AgentSessionInput {
  agentName: string;
}

/** A session at rest, as plain JSON: no attempt is open and no timer is armed, so its snapshot is complete. */
export interface HostCheckpoint {
  snapshot: unknown;
  /** The number of the next entry, and of the next timer. */
  seq: number;
  nextTimer: number;
  dialStep: number;
  listFinished: boolean;
  since: number;
  recent: readonly unknown[];
  replies: readonly (readonly [string, TwimlPlan])[];
}

/** What the journal keeps. State = replay of these, in order, per session. */
export type JournalEntry =
  | { kind: 'opened'; sessionId: SessionId; at: number; version: number; opening: SessionOpening }
  | {
      kind: 'event';
      sessionId: SessionId;
      seq: number;
      at: number;
      event: SessionEvent;
      reply?: ReplyKey;
      /** The event is Twilio's answer to this question of ours; without it, Twilio told by itself, or somebody else did. */
      rest?: RestQuestion;
    }
  | { kind: 'timer'; sessionId: SessionId; seq: number; at: number; timer: number }
  | {
      kind: 'effect';
      sessionId: SessionId;
      at: number;
      key: string;
      state: 'started' | 'done' | 'unknown';
    }
  /** A session at rest, whole: a replay may begin here. */
  | { kind: 'checkpoint'; sessionId: SessionId; at: number; state: HostCheckpoint }
  | { kind: 'closed'; sessionId: SessionId; at: number };

export interface Journal {
  /** Buffers; never throws for a full disk, `flush` does. */
  append(entry: JournalEntry): void;
  /** Resolves when everything appended before this call is durable. */
  flush(): Promise<void>;
  /**
   * The sessions that are not closed, one after another, in the order of their openings. Of each: the opening, and all
   * from the last checkpoint on, oldest first.
   */
  read(): AsyncIterable<readonly JournalEntry[]>;
  close(): Promise<void>;
}

export type PlaceOutcome =
  | { kind: 'placed'; sid: CallSid }
  /** Surely not placed. `retryable`: Twilio never processed it (429, or the connection was refused). */
  | { kind: 'refused'; code: number | null; reason: string; retryable: boolean }
  /** Timed out, reset, 5xx: the call may exist. */
  | { kind: 'unknown'; reason: string };

export type CallFact =
  | { kind: 'found'; sid: CallSid; status: CallStatus; durationSeconds: number | null }
  | { kind: 'absent' }
  | { kind: 'unknown'; reason: string };

/** A leg of a call that we placed and that is not over. */
export interface LiveCall {
  sid: CallSid;
  /** The number that was called, E.164. */
  to: string;
}

/** The telephone side, as Twilio offers it. Outcomes are values: only a bug throws. */
export interface Telephony {
  placeCall(call: { callId: CallId; to: PhoneNumber }): Promise<PlaceOutcome>;
  /** Ends a leg in any state; `found` tells the status it had already reached. May be repeated. */
  endCall(sid: CallSid, how: 'cancel' | 'complete'): Promise<CallFact>;
  inspectCall(sid: CallSid): Promise<CallFact>;
  /** Looks for a call of ours to this number that began after `since`. */
  findCall(query: { callId: CallId; to: PhoneNumber; since: number }): Promise<CallFact>;
  /** Says goodbye to the agent’s leg and ends it. May be repeated. */
  dismissConsumer(sid: CallSid): Promise<CallFact>;
  /** Creates the queue of a session unless it exists (22003); `<Dial><Queue>` would not. */
  ensureQueue(sessionId: SessionId): Promise<boolean>;
  deleteQueue(sessionId: SessionId): Promise<boolean>;
  /** Legs of calls that we placed and that are not over; null where Twilio could not be asked. */
  liveCalls(): Promise<LiveCall[] | null>;
}

/** The leads. Reservation is atomic: no lead is ever given twice. */
export interface Leads {
  reserve(sessionId: SessionId, count: number): Promise<Lead[]>;
  release(leadIds: readonly LeadId[]): Promise<void>;
  find(leadIds: readonly LeadId[]): Promise<Lead[]>;
  /** Leads that are reserved: after a crash those that no attempt holds go back. */
  reserved(): Promise<{ leadId: LeadId }[]>;
  recordOutcome(record: {
    leadId: LeadId;
    callId: CallId;
    outcome: Outcome;
    at: number;
    agentId?: AgentId;
    /** Length of the talk; null where nobody talked. */
    talkMs?: number | null;
    /** From the answer to the bridge; null where nobody was bridged. */
    waitedMs?: number | null;
  }): Promise<void>;
  recordDisposition(record: {
    callId: CallId;
    disposition: Disposition;
    notes: string;
    at: number;
  }): Promise<void>;
}

/** What a page of a session is told, in order. */
export type Notice =
  | { type: 'view'; view: SessionView }
  | { type: 'answered'; callId: CallId; leadId: LeadId; at: number }
  | { type: 'ended'; callId: CallId; leadId: LeadId; outcome: Outcome; at: number }
  | { type: 'listFinished'; at: number };

/** Who may be dialed when. `LinePacer`, unless a recording knows. */
export interface Lines {
  /**
   * `start` runs when a line is free; it answers false if the call is no longer wanted, and costs no line then.
   * `withdraw` runs instead when all is stopped first.
   */
  request(start: () => boolean, withdraw: () => void): void;
  stop(): void;
}

export interface Notices {
  publish(sessionId: SessionId, notice: Notice): void;
}

/** Facts worth a log line or a count; src/reports alone decides level and words. */
export interface Reports {
  'session.opened': { sessionId: SessionId; agentId: AgentId };
  'session.closed': { sessionId: SessionId };
  'session.outdated': { sessionId: SessionId };
  'session.failed': { sessionId: SessionId; error: unknown };
  'session.rebuilt': { sessionId: SessionId };
  /** The journal could not be read for it; tried again when it can be written. */
  'session.notRebuilt': { sessionId: SessionId; failure: unknown };
  'session.givenUp': { sessionId: SessionId };
  'call.placed': { sessionId: SessionId; callId: CallId; callSid: CallSid };
  'call.refused': { sessionId: SessionId; callId: CallId; code: number | null; reason: string };
  'call.answered': { sessionId: SessionId; callId: CallId };
  'call.ended': { sessionId: SessionId; callId: CallId; outcome: Outcome };
  'consumer.connected': { sessionId: SessionId; callSid: CallSid };
  'consumer.disconnected': { sessionId: SessionId };
  'code.refused': { callSid: CallSid };
  'dialer.recovered': { sessions: number; entries: number; calls: number; tookMs: number };
  /** The newest entry of the journal is of the future: the system's clock was set back. Time goes on from that entry. */
  'clock.behind': { byMs: number };
  'leg.orphaned': { callSid: CallSid };
  'effect.failed': { sessionId: SessionId; effect: string; reason: string };
  /** Twilio, or the disk, was asked again. */
  'effect.retried': { sessionId: SessionId; effect: string };
  anomaly: { anomaly: Anomaly; webhook: WebhookKind; callSid: CallSid | null };
  /** From here on nothing can be made durable… */
  'journal.failed': { error: unknown };
  /** …and from here on everything again, and what was held back as well. */
  'journal.writable': Record<string, never>;
}

export type Anomaly =
  | 'unknownSession'
  | 'unknownCall'
  | 'finishedCall'
  | 'strangerSid'
  | 'strangerConsumer'
  | 'strangerLeg'
  | 'fallback'
  | 'badForm';

export type Report = <Name extends keyof Reports>(name: Name, details: Reports[Name]) => void;

export interface DialerPorts {
  clock: Clock;
  random: Random;
  journal: Journal;
  telephony: Telephony;
  leads: Leads;
  notices: Notices;
  report: Report;
  lines?: Lines;
}

/** Numbers an operator may set; units in the names. */
export interface DialerSettings {
  /** The number that agents phone. */
  dialInNumber: PhoneNumber;
  /** Lines a new session starts with, 1 to 10. */
  lines: number;
  /** Twilio starts 1 outbound call a second by default (twilio-docs "calls per second"). */
  callsPerSecond: number;
  accessCodeLifeMs: number;
  detachedWithinMs: number;
  closeWithinMs: number;
  createWithinMs: number;
  ringAtLeastMs: number;
  ringAtMostMs: number;
  bridgeWithinMs: number;
  askAgainAfterMs: number;
  lookUpWithinMs: number;
}
