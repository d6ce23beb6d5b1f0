import type { CallId, LeadId } from '../domain/ids.ts';
import type { Lead } from '../domain/lead.ts';
import type {
  CallPhase,
  CallState,
  CallView,
  LeadView,
  Quiet,
  SessionState,
  SessionView,
} from '../domain/session-view.ts';
import type { CallSnapshot, SessionHost } from './session-host.ts';

/** What a session must show for its page to be drawn. */
export type ViewedSession = Pick<
  SessionHost,
  | 'sessionId'
  | 'opening'
  | 'snapshot'
  | 'call'
  | 'ended'
  | 'since'
  | 'leads'
  | 'recent'
  | 'listFinished'
  | 'anomalyAt'
>;

/** The first word of a state value: `{ dialing: { placed: … } }` is `dialing`. */
export const topState = (value: unknown): string =>
  typeof value === 'object' && value ? (Object.keys(value)[0] ?? '') : String(value);

/** What the page of this session shows: a projection of its actors, and nothing else. */
export function viewOf(host: ViewedSession, dialIn: SessionView['dialIn']): SessionView {
  const { context } = host.snapshot;
  const calls = callsOf(host);
  const state = stateOf(host);
  const talking = state === 'queued' || state === 'bridged';
  return {
    sessionId: host.sessionId,
    agentName: host.opening.agentName,
    state,
    mode: modeOf(host),
    since: host.since('session'),
    dialIn,
    phoneConnected: context.consumerSid !== null,
    lines: context.lines,
    calls,
    talk:
      talking && context.winner
        ? {
            callId: context.winner.callId,
            lead: leadView(host.leads, context.winner.leadId),
            since: host.since(context.winner.callId),
          }
        : null,
    wrapUp: wrapUpView(host),
    autoNext: context.autoNext,
    anomalyAt: host.anomalyAt,
    recent: host.recent.map((ended) => ({
      callId: ended.callId,
      lead: leadView(host.leads, ended.leadId),
      outcome: ended.outcome,
      disposition: ended.disposition,
      endedAt: ended.endedAt,
      talkMs: ended.talkMs,
      endedBy: ended.endedBy,
    })),
    quiet: quietOf(host, state, calls),
  };
}

/** The same, while nothing can be written down: nobody is dialed for that, whatever else is the case. */
export const withoutJournal = (view: SessionView): SessionView =>
  view.state === 'completed' ? view : { ...view, quiet: 'journalUnwritable' };

function wrapUpView(host: ViewedSession): SessionView['wrapUp'] {
  const { wrapUp } = host.snapshot.context;
  if (!wrapUp) return null;
  const ended = host.ended(wrapUp.callId);
  return {
    callId: wrapUp.callId,
    lead: leadView(host.leads, wrapUp.leadId),
    since: ended?.endedAt ?? host.since('session'),
    talkMs: ended?.talkMs ?? null,
    endedBy: ended?.endedBy ?? null,
  };
}

export const stateOf = ({ snapshot }: ViewedSession): SessionState =>
  topState(snapshot.value) as SessionState;

/** Every attempt that has an actor. */
export const callsOf = (host: ViewedSession): CallView[] =>
  host.snapshot.context.open.flatMap((callId) => callView(host, callId) ?? []);

function callView(host: ViewedSession, callId: CallId): CallView | null {
  const call = host.call(callId);
  if (!call) return null;
  return {
    callId,
    lead: leadView(host.leads, call.context.leadId),
    state: topState(call.value) as CallState,
    phase: phaseOf(call),
    since: host.since(callId),
    outcome: call.context.outcome,
  };
}

// Values are read as they are: `matches` takes them apart each time, which was most of a view.
function phaseOf({ value }: CallSnapshot): CallPhase {
  if (value === 'idle') return 'waitingForLine';
  if (typeof value !== 'object' || !('dialing' in value)) return null;
  const { dialing } = value;
  if (dialing === 'requesting' || dialing === 'unconfirmed') return dialing;
  if (typeof dialing !== 'object') return null;
  const { placed } = dialing;
  return typeof placed === 'object' && 'ringing' in placed ? 'ringing' : 'placed';
}

export function modeOf({ snapshot }: ViewedSession): SessionView['mode'] {
  const { value } = snapshot;
  if (typeof value !== 'object') return null;
  if ('consumerConnected' in value) return value.consumerConnected;
  return 'idle' in value && value.idle === 'wrappingUp' ? 'wrappingUp' : null;
}

function quietOf(
  host: ViewedSession,
  state: SessionState,
  calls: readonly CallView[],
): Quiet | null {
  const mode = modeOf(host);
  if (mode === 'wrappingUp') return 'dispositionOwed';
  if (mode === 'paused') return 'paused';
  switch (state) {
    case 'idle':
      return 'phoneNotConnected';
    case 'consumerConnected':
      return host.listFinished ? 'listFinished' : 'readyToCall';
    case 'dialing':
      return calls.some((call) => call.state !== 'idle' && call.state !== 'ending')
        ? null
        : 'waitingForLine';
    case 'queued':
    case 'bridged':
      return null;
    case 'completed':
      return 'signedOut';
  }
}

export function leadView(leads: ReadonlyMap<LeadId, Lead>, leadId: LeadId): LeadView {
  const lead = leads.get(leadId);
  return {
    leadId,
    name: lead?.name ?? '',
    phone: lead?.phone.e164 ?? '',
    columns: { ...lead?.columns },
  };
}
