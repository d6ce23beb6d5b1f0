import type { AgentCommand } from '../domain/events.ts';
import type { CallId, CallSid, SessionId } from '../domain/ids.ts';
import type { WebhookKind } from '../domain/webhook.ts';
import type { CallFact, PlaceOutcome, RestQuestion } from '../dialer/ports.ts';
import type { Form, RecordedRequest, UnrecognisedLine } from './recording.ts';

export interface PlannedLead {
  callId: CallId;
  leadId: string;
  /** E.164. */
  to: string;
  /** Not given out before this time. */
  from: number;
}

/** One thing that happens to the dialer, in the order of the recording. */
export type Step =
  | { step: 'signIn'; line: number; at: number; sessionId: SessionId; agent: string; lines: number }
  /** The agent calls these leads; what else that takes (a disposition, more lines) is implied. */
  | { step: 'dial'; line: number; at: number; sessionId: SessionId; leads: readonly PlannedLead[] }
  | { step: 'command'; line: number; at: number; sessionId: SessionId; command: AgentCommand }
  | { step: 'page'; line: number; at: number; sessionId: SessionId; attached: boolean }
  | { step: 'created'; line: number; at: number; callId: CallId; outcome: PlaceOutcome }
  | FactStep
  /** What the list gave when it was asked. */
  | {
      step: 'reserved';
      line: number;
      at: number;
      sessionId: SessionId;
      leads: readonly PlannedLead[];
    }
  | { step: 'line'; line: number; at: number; callId: CallId }
  | { step: 'leadsAdded'; line: number; at: number }
  /** The server was killed and started again. */
  | { step: 'restart'; line: number; at: number }
  | WebhookStep;

/** What Twilio replied when it was asked about a leg. */
export interface FactStep {
  step: 'fact';
  line: number;
  at: number;
  asked: RestQuestion;
  /** The leg, or for `find` our call. */
  about: CallSid | CallId;
  fact: CallFact;
}

export interface WebhookStep {
  step: 'webhook';
  line: number;
  at: number;
  /** `agentStatus`: a status callback of the agent's own leg, which no route of ours takes. */
  kind: WebhookKind | 'agentStatus';
  /** Our ids as they would stand in the path. A missing `step` is the session's latest. */
  params: Readonly<Record<string, string>>;
  form: Form;
  callSid: string;
  /** The session whose code was keyed, where the recording shows that it was right. */
  opens: SessionId | null;
  /** What is not in the recording but follows from it. */
  inferred: readonly string[];
  /** Null for a request that the recording does not hold at all: it began too late. */
  recorded: RecordedRequest | null;
}

export interface Script {
  accountSid: string;
  publicBaseUrl: string;
  lines: number;
  callsPerSecond: number;
  ringAtLeastMs: number;
  limits: Readonly<Record<string, number>>;
  steps: readonly Step[];
  /** Leads that the list gives out to a session, in this order, besides those of `dial` steps. */
  leads: ReadonlyMap<SessionId, readonly PlannedLead[]>;
  /** Digits that were keyed; no code of the replay's own may be one of them. */
  keyed: ReadonlySet<string>;
  unrecognised: readonly UnrecognisedLine[];
  requests: number;
  /** Whose leg is whose, for reports. */
  agentLegs: ReadonlySet<string>;
}

/** 22 characters, as our own ids have; counted, so that the same recording gets the same ids. */
export const sessionIdOf = (count: number): SessionId =>
  `session-${String(count).padStart(14, '0')}` as SessionId;
export const callIdOf = (count: number): CallId =>
  `call-${String(count).padStart(17, '0')}` as CallId;
/** A number for a lead whose own is not known: 555-01xx of as many area codes as it takes. */
export const leadNumberOf = (count: number): string =>
  `+1${String(212 + Math.floor(count / 100)).padStart(3, '0')}55501${String(count % 100).padStart(2, '0')}`;
