import type { TerminalStatus } from '../domain/call-status.ts';
import type { CallId, CallSid, LeadId, SessionId } from '../domain/ids.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { TwimlPlan } from '../domain/twiml-plan.ts';

/**
 * What a lead's leg is doing at Twilio. `queued` waits for the account's calls per second, `dialed` for the far end;
 * `asking` waits for our first document, `leaving` for that of Enqueue's action, `stranded` for that of the fallback URL.
 */
export type Leg =
  | 'none'
  | 'queued'
  | 'dialed'
  | 'ringing'
  | 'asking'
  | 'waiting'
  | 'whisper'
  | 'bridged'
  | 'leaving'
  | 'stranded'
  | 'ended';

/** What the agent's leg is doing at Twilio: waiting in her queue, being bridged, asking what comes next; or the fallback. */
export type Phone = 'away' | 'waiting' | 'whisper' | 'bridged' | 'asking' | 'stranded';

/** One lead of the list, its attempt as Twilio knows it, and the ledger of what really happened. */
export interface ModelCall {
  callId: CallId;
  leadId: LeadId;
  sid: CallSid;
  /** The agent whose session the list has given it to. */
  agent: number | null;
  /** Creates that Twilio carried out. */
  creates: number;
  leg: Leg;
  status: TerminalStatus | null;
  answered: boolean;
  /** A bridge was announced; `bridged`: it was made. */
  handedOver: boolean;
  bridged: boolean;
  /** Its wait document did not come: it hears Twilio's music and asks for none any more. */
  hearsMusic: boolean;
  /** What the page was told, in order. */
  notices: ('answered' | 'ended')[];
  outcome: Outcome | null;
}

/** A request of Twilio's on its way to us. */
export type Request =
  | { kind: 'progress'; call: number; status: 'initiated' | 'ringing' | 'in-progress' }
  | { kind: 'answer'; call: number }
  | { kind: 'completed'; call: number; status: TerminalStatus }
  | { kind: 'wait'; call: number; step: number }
  | { kind: 'bridging'; call: number; dial: number }
  | { kind: 'dequeued'; call: number; result: string }
  | { kind: 'leadFallback'; call: number }
  | { kind: 'agentFallback'; agent: number; phone: number }
  /** `lead`: whom the queue gave her, where Twilio names one. */
  | {
      kind: 'back';
      agent: number;
      dial: number;
      phone: number;
      gone: boolean;
      result: string;
      lead: number | null;
    };

/** Something on its way: a request of Twilio's to us, or one of ours to Twilio, the store or ourselves. */
export type Flight =
  | Request
  | { kind: 'leads'; agent: number; asked: number }
  | { kind: 'line' | 'create' | 'created' | 'refused' | 'createLost'; call: number }
  | { kind: 'lookUp' | 'inspect'; call: number }
  | { kind: 'end'; call: number; how: 'cancel' | 'complete' }
  | { kind: 'fact'; call: number; status: TerminalStatus }
  | { kind: 'dismiss'; agent: number };

export type Click =
  | 'callLeads'
  | 'pause'
  | 'hangUp'
  | 'dispose'
  | 'setAutoNext'
  | 'signOut'
  | 'closePage'
  | 'openPage'
  | 'leave'
  | 'dialIn';

/** What remains of a session between two steps. */
export interface SavedSession {
  /** JSON of the root actor's persisted snapshot. */
  persisted: string;
  dialStep: number;
  /** Replies kept for repeats; emptied when nothing can be repeated. */
  replies: [key: string, plan: TwimlPlan][];
  /** Whether the page is gone and the session is to be signed out for it. */
  expires: boolean;
}

/** One agent: her session, her telephone, and what she may still do. */
export interface ModelAgent {
  session: SavedSession;
  phone: Phone;
  /** Times that she has dialed in: each leg has a SID of its own. */
  phones: number;
  /** The call that her leg is with. */
  partner: number | null;
  clicks: Record<Click, number>;
}

/** One state of everything: the sessions, Twilio, and what is on its way between them. */
export interface World {
  agents: ModelAgent[];
  calls: ModelCall[];
  flights: Flight[];
  /** What was answered to each request, where it may be made again. */
  said: Record<string, string>;
  left: { duplicates: number; losses: number; restarts: number };
}

/** Ids that sort and read well; the same in every exploration. */
export const sessionIdOf = (agent: number): SessionId =>
  `session-000000000000-${agent + 1}` as SessionId;
export const callIdOf = (index: number): CallId =>
  `call-${String(index).padStart(17, '0')}` as CallId;
export const sidOf = (index: number): CallSid =>
  `CA${index.toString(16).padStart(32, '0')}` as CallSid;
export const phoneSid = (agent: number, phone: number): CallSid =>
  `CA${String(phone).padStart(32, 'abc'[agent])}` as CallSid;

export function modelCall(index: number): ModelCall {
  return {
    callId: callIdOf(index),
    leadId: `lead-${index}` as LeadId,
    sid: sidOf(index),
    agent: null,
    creates: 0,
    leg: 'none',
    status: null,
    answered: false,
    handedOver: false,
    bridged: false,
    hearsMusic: false,
    notices: [],
    outcome: null,
  };
}

export function callAt(world: World, index: number): ModelCall {
  const call = world.calls[index];
  if (!call) throw new Error(`the model has no call ${index}`);
  return call;
}

export function agentAt(world: World, index: number): ModelAgent {
  const agent = world.agents[index];
  if (!agent) throw new Error(`the model has no agent ${index}`);
  return agent;
}

/** The agent whom this call was placed for. */
export function agentOf(world: World, call: number): number {
  const { agent } = callAt(world, call);
  if (agent === null) throw new Error(`call ${call} is nobody's`);
  return agent;
}

/** Whom something on its way is about. */
export const agentOfFlight = (world: World, flight: Flight): number =>
  'call' in flight ? agentOf(world, flight.call) : flight.agent;

/** Whether Twilio holds a leg of this call that is not over. */
export const isLive = ({ leg }: ModelCall): boolean => leg !== 'none' && leg !== 'ended';

/** Nothing is on its way and Twilio has nothing to do: only people could still act. */
export const isQuiet = (world: World): boolean =>
  world.flights.length === 0 &&
  !world.calls.some(isLive) &&
  world.agents.every(({ phone }) => phone === 'away' || phone === 'waiting');
