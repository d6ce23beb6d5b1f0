import type { TerminalStatus } from './call-status.ts';
import type { CallId, CallSid, LeadId } from './ids.ts';
import type { Disposition, Outcome } from './outcome.ts';

/** Facts about one lead's leg and orders to the attempt that owns it. */
export type CallEvent =
  | { type: 'twilio.requested' }
  | { type: 'twilio.created'; sid: CallSid }
  /** Surely not placed: refused by Twilio, or never left this process. `code` is Twilio's, null if there is none. */
  | { type: 'twilio.createFailed'; code: number | null; reason: string }
  /** The reply was lost: the call may exist. */
  | { type: 'twilio.createLost' }
  | { type: 'twilio.notFound' }
  | { type: 'leg.status'; sid: CallSid; status: 'queued' | 'initiated' | 'ringing' | 'in-progress' }
  | { type: 'leg.answered'; sid: CallSid; answeredBy: 'person' | 'machine' }
  | { type: 'leg.waited'; sid: CallSid }
  | { type: 'leg.bridged'; sid: CallSid }
  | { type: 'leg.dequeued'; sid: CallSid; result: string }
  | { type: 'leg.completed'; sid: CallSid; status: TerminalStatus; durationSeconds: number | null }
  | { type: 'claim.granted' }
  | { type: 'claim.denied' }
  | { type: 'call.cancel' }
  /** The agent wants this talk to end. */
  | { type: 'call.hangUp' }
  /** The agent's <Dial><Queue> has come back from a bridge: the talk is over, whoever says it first. */
  | { type: 'talk.over' };

/** What an attempt tells its session. */
export type CallMessage =
  | { type: 'call.claimed'; callId: CallId; leadId: LeadId }
  | { type: 'call.bridged'; callId: CallId; leadId: LeadId }
  /** The outcome is decided; the leg may still be on its way out. */
  | { type: 'call.ended'; callId: CallId; leadId: LeadId; outcome: Outcome }
  /** The leg is gone. */
  | { type: 'call.closed'; callId: CallId; leadId: LeadId };

export interface PlannedCall {
  callId: CallId;
  leadId: LeadId;
}

/** What an agent orders. */
export type AgentCommand =
  | { type: 'agent.callLeads' }
  | { type: 'agent.pause' }
  | { type: 'agent.hangUp' }
  | { type: 'agent.setLines'; lines: number }
  | { type: 'agent.dispose'; callId: CallId; disposition: Disposition; notes: string }
  /** Another outcome for a talk that has one already. */
  | { type: 'agent.correct'; callId: CallId; disposition: Disposition; notes: string }
  /** Whether calling goes on by itself after an outcome. */
  | { type: 'agent.setAutoNext'; on: boolean }
  | { type: 'agent.signOut' };

/** Everything that may reach a session from outside. */
export type SessionEvent =
  | AgentCommand
  | { type: 'agent.attached' }
  | { type: 'agent.detached' }
  /** What the list gave for a request of `asked` leads: fewer, or none, when it is finished. */
  | { type: 'leads.reserved'; asked: number; calls: PlannedCall[] }
  /** The list has leads to call again. */
  | { type: 'leads.added' }
  | { type: 'consumer.connected'; sid: CallSid }
  /** Her <Dial><Queue> came back and she is still on the line. */
  | { type: 'consumer.returned'; result: string | null }
  | { type: 'consumer.disconnected'; result: string | null }
  /** A fact about one lead's leg, to be passed on to its attempt. */
  | { type: 'call.deliver'; callId: CallId; event: CallEvent };

/** What a session may order of an attempt. */
export type CallOrder = Extract<
  CallEvent,
  { type: 'claim.granted' | 'claim.denied' | 'call.cancel' | 'call.hangUp' | 'talk.over' }
>;

/**
 * What must happen outside. A machine asks for it by a named action; the dialer carries it out when the
 * journal is safe, and its result comes back as an event. Keys derive from the journal position.
 * A null SID is never carried out: the charts ask for an end only where the SID is known, and the tests check it.
 */
export type EffectOrder =
  | { kind: 'placeCall'; callId: CallId; leadId: LeadId }
  /**
   * `cancel` ends a call that nobody has answered and leaves an answered one to hear the notice; `complete` ends
   * it in any state (twilio-docs voice/api/call-resource: Status of a call update).
   */
  | { kind: 'endCall'; callId: CallId; sid: CallSid | null; how: 'cancel' | 'complete' }
  | { kind: 'inspectCall'; callId: CallId; sid: CallSid | null }
  | { kind: 'lookUpCall'; callId: CallId; leadId: LeadId }
  | { kind: 'reserveLeads'; count: number }
  | { kind: 'releaseLeads'; calls: PlannedCall[] }
  /** The one "answered" notice of an attempt. */
  | { kind: 'callAnswered'; callId: CallId; leadId: LeadId }
  /** The one "ended" notice of an attempt, and its outcome for the list. */
  | { kind: 'callEnded'; callId: CallId; leadId: LeadId; outcome: Outcome }
  | { kind: 'listFinished' }
  | { kind: 'recordDisposition'; callId: CallId; disposition: Disposition; notes: string }
  | { kind: 'ensureQueue' }
  | { kind: 'deleteQueue' }
  /** Given by the dialer's reconciliation, not by a chart. */
  | { kind: 'inspectConsumer'; sid: CallSid }
  | { kind: 'endConsumer'; sid: CallSid | null };
