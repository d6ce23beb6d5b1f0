import type { CallId, LeadId, SessionId } from '../../../src/domain/ids.ts';
import type { CallView, LeadView, SessionView } from '../../../src/domain/session-view.ts';

/** 2026-01-15T15:00:00Z. Tests that look at times use `Date.now()` instead. */
export const NOON = Date.UTC(2026, 0, 15, 15);

export const callId = (number: number) => `call-${number}`.padEnd(22, '_') as CallId;

const NAMES = [
  'Amelia Ortiz',
  'Benjamin Hale',
  'Chiara Donati',
  'Dmitri Volkov',
  'Esther Nakamura',
  'Femi Adeyemi',
  'Grace O’Malley',
  'Henrik Larsen',
];
const CITIES = ['Syracuse, NY', 'Albany, NY', 'Rochester, NY', 'Utica, NY'];

export function lead(number: number): LeadView {
  const name = NAMES[number % NAMES.length] ?? 'Nobody';
  const phone = `+1315555${String(100 + (number % 100)).padStart(4, '0')}`;
  return {
    leadId: `lead-${number}` as LeadId,
    name,
    phone,
    columns: {
      Name: name,
      Phone: phone,
      City: CITIES[number % CITIES.length] ?? '',
      Company:
        ['Harbor Tools', 'Northside Bakery', 'Lakeview Dental', 'Pine & Sons'][number % 4] ?? '',
      'Last order': ['March 2025', 'never', 'August 2025', 'May 2024'][number % 4] ?? '',
      Remark: number % 2 === 0 ? 'Prefers the afternoon. Asked for the new price list.' : '',
    },
  };
}

export function call(number: number, change: Partial<CallView> = {}): CallView {
  return {
    callId: callId(number),
    lead: lead(number),
    state: 'dialing',
    phase: 'ringing',
    since: Date.now() - 4_000,
    outcome: null,
    ...change,
  };
}

/** Signed in, the phone not connected; everything else is a change to this. */
export function signedInView(change: Partial<SessionView> = {}): SessionView {
  return {
    sessionId: 'session-1_____________' as SessionId,
    agentName: 'Sam Rivera',
    state: 'idle',
    mode: null,
    since: Date.now() - 12_000,
    dialIn: { number: '+13155550199', accessCode: '482913', gate: null },
    phoneConnected: false,
    lines: 3,
    calls: [],
    talk: null,
    wrapUp: null,
    autoNext: false,
    anomalyAt: null,
    recent: [],
    quiet: 'phoneNotConnected',
    ...change,
  };
}

export const connectedView = (change: Partial<SessionView> = {}): SessionView =>
  signedInView({
    state: 'consumerConnected',
    mode: 'ready',
    phoneConnected: true,
    dialIn: { number: '+13155550199', accessCode: null, gate: null },
    quiet: 'readyToCall',
    ...change,
  });

export const pausedView = (change: Partial<SessionView> = {}): SessionView =>
  connectedView({ mode: 'paused', quiet: 'paused', recent: RECENT(), ...change });

export const dialingView = (change: Partial<SessionView> = {}): SessionView =>
  connectedView({
    state: 'dialing',
    mode: null,
    quiet: null,
    calls: [
      call(0, { since: Date.now() - 9_000 }),
      call(1, { phase: 'placed', since: Date.now() - 3_000 }),
      call(2, { state: 'idle', phase: 'waitingForLine', since: Date.now() - 1_000 }),
    ],
    ...change,
  });

export const queuedView = (change: Partial<SessionView> = {}): SessionView =>
  dialingView({
    state: 'queued',
    calls: [call(0, { state: 'queued', phase: null }), call(1, { state: 'ending', phase: null })],
    talk: { callId: callId(0), lead: lead(0), since: Date.now() - 300 },
    ...change,
  });

export const bridgedView = (change: Partial<SessionView> = {}): SessionView =>
  dialingView({
    state: 'bridged',
    calls: [
      call(0, { state: 'bridged', phase: null }),
      call(1, { state: 'completed', phase: null, outcome: 'canceled' }),
    ],
    talk: { callId: callId(0), lead: lead(0), since: Date.now() - 83_000 },
    recent: RECENT(),
    ...change,
  });

export const wrapUpView = (change: Partial<SessionView> = {}): SessionView =>
  connectedView({
    mode: 'wrappingUp',
    quiet: 'dispositionOwed',
    wrapUp: {
      callId: callId(0),
      lead: lead(0),
      since: Date.now() - 8_000,
      talkMs: 83_000,
      endedBy: 'lead',
    },
    recent: [
      {
        callId: callId(0),
        lead: lead(0),
        outcome: 'talked',
        disposition: null,
        endedAt: NOON,
        talkMs: 83_000,
        endedBy: 'lead',
      },
      ...RECENT(),
    ],
    ...change,
  });

/** The phone was put down in mid-talk: the outcome is owed all the same. */
export const wrapUpWithoutPhoneView = (change: Partial<SessionView> = {}): SessionView =>
  wrapUpView({
    state: 'idle',
    phoneConnected: false,
    dialIn: { number: '+13155550199', accessCode: '482913', gate: null },
    ...change,
  });

export const finishedView = (change: Partial<SessionView> = {}): SessionView =>
  connectedView({ quiet: 'listFinished', recent: RECENT(), ...change });

export function RECENT(): SessionView['recent'] {
  const outcomes = ['talked', 'noAnswer', 'busy', 'canceled', 'abandoned', 'machine'] as const;
  return outcomes.map((outcome, index) => ({
    callId: callId(20 + index),
    lead: lead(3 + index),
    outcome,
    disposition: outcome === 'talked' ? 'callBack' : null,
    endedAt: NOON - (index + 1) * 95_000,
    talkMs: outcome === 'talked' ? 132_000 : null,
    endedBy: outcome === 'talked' ? 'agent' : null,
  }));
}
