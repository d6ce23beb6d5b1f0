import type { LeadId, SessionId } from '../domain/ids.ts';
import type { LeadState } from '../domain/lead-state.ts';
import type { CallView, SessionView } from '../domain/session-view.ts';
import type { SessionHost } from './session-host.ts';
import { callsOf, modeOf, stateOf } from './view.ts';

export interface FloorAgent {
  sessionId: SessionId;
  name: string;
  state: SessionView['state'];
  mode: SessionView['mode'];
  since: number;
  /** Whom she talks with or is being connected to. */
  lead: string | null;
  lines: number;
  calls: number;
  pageOpen: boolean;
}

export interface FloorNow {
  agents: FloorAgent[];
  /** Attempts by the state of their actor. */
  calls: Record<string, number>;
}

/** Every agent and every attempt that has an actor at this moment, and nothing else: nothing is counted on the side. */
export function floorOf(sessions: Iterable<SessionHost>): FloorNow {
  const floor: FloorNow = { agents: [], calls: {} };
  for (const host of sessions) {
    const calls = callsOf(host);
    floor.agents.push(agentOf(host, calls.length));
    for (const call of calls) {
      const state = leadStateOf(call);
      floor.calls[state] = (floor.calls[state] ?? 0) + 1;
    }
  }
  return floor;
}

function agentOf(host: SessionHost, calls: number): FloorAgent {
  const { context } = host.snapshot;
  const state = stateOf(host);
  const isTalk = state === 'queued' || state === 'bridged';
  const lead = isTalk && context.winner ? host.leads.get(context.winner.leadId) : undefined;
  return {
    sessionId: host.sessionId,
    name: host.opening.agentName,
    state,
    mode: modeOf(host),
    since: host.since('session'),
    lead: lead?.name ?? null,
    lines: context.lines,
    calls,
    pageOpen: context.attached,
  };
}

/** Where the leads stand that have a call now. */
export function leadStates(sessions: Iterable<SessionHost>): Map<LeadId, LeadState> {
  const states = new Map<LeadId, LeadState>();
  for (const host of sessions) {
    for (const call of callsOf(host)) states.set(call.lead.leadId, leadStateOf(call));
  }
  return states;
}

function leadStateOf({ state, phase }: CallView): LeadState {
  switch (state) {
    case 'idle':
      return 'waitingForLine';
    case 'dialing':
      return phase === 'ringing' ? 'ringing' : 'dialing';
    case 'queued':
      return 'answered';
    case 'bridged':
      return 'talking';
    case 'ending':
    case 'completed':
      return 'ending';
  }
}
