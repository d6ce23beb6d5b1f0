import { Type, type Static, type TSchema } from 'typebox';
import { LEAD_STATES } from '../domain/lead-state.ts';
import { DISPOSITIONS } from '../domain/outcome.ts';

/**
 * The words between page and server: JSON-RPC 2.0 over one WebSocket (`/agent`). The page sends requests,
 * the server answers each and sends notifications of its own. One schema serves both sides; see docs/protocol.md.
 */
const literals = <Name extends string>(names: readonly Name[]) => Type.Enum<Name[]>([...names]);
const Strict = <Fields extends Record<string, TSchema>>(fields: Fields) =>
  Type.Object(fields, { additionalProperties: false });

const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

const CallIdText = Type.String({ pattern: '^[A-Za-z0-9_-]{22}$' });

/** Params of every request the page may send. */
export const REQUESTS = {
  /** First message on a fresh page. `passphrase` is asked for only where the server is configured with one. */
  'agent.signIn': Strict({
    name: Type.String({ minLength: 1, maxLength: 60, pattern: '\\S' }),
    passphrase: Type.Optional(Type.String({ maxLength: 200 })),
  }),
  /** First message after a reload or a lost socket. */
  'agent.resume': Strict({ token: Type.String({ minLength: 1, maxLength: 200 }) }),
  'agent.callLeads': Strict({}),
  'agent.pause': Strict({}),
  'agent.hangUp': Strict({}),
  'agent.setLines': Strict({ lines: Type.Integer({ minimum: 1, maximum: 10 }) }),
  'agent.dispose': Strict({
    callId: CallIdText,
    disposition: literals(DISPOSITIONS),
    notes: Type.String({ maxLength: 4000 }),
  }),
  /** Another outcome for a talk that has one already; among the recent calls only. */
  'agent.correct': Strict({
    callId: CallIdText,
    disposition: literals(DISPOSITIONS),
    notes: Type.String({ maxLength: 4000 }),
  }),
  /** Whether calling goes on by itself after an outcome. */
  'agent.setAutoNext': Strict({ on: Type.Boolean() }),
  /** A draft, kept until the outcome is recorded; it is not said in the view. */
  'agent.saveNotes': Strict({ callId: CallIdText, notes: Type.String({ maxLength: 4000 }) }),
  /** Figures of this agent since a time: the page's midnight. */
  'agent.figures': Strict({ since: Type.Number({ minimum: 0 }) }),
  'agent.signOut': Strict({}),
  /** The notes of a call of this session, and what became of earlier calls to the same number. */
  'call.details': Strict({ callId: CallIdText }),
  /** A window of the list. After it `leads.changed` comes once, when something in the list is different. */
  'leads.page': Strict({
    search: Type.String({ maxLength: 100 }),
    state: nullable(literals(['waiting', 'reserved', 'done'])),
    offset: Type.Integer({ minimum: 0, maximum: 10_000_000 }),
    limit: Type.Integer({ minimum: 1, maximum: 200 }),
  }),
  /** Takes every lead off the list that is not being called. */
  'leads.clear': Strict({}),
  /** Simulated network only: everybody who is done is called again. */
  'leads.startOver': Strict({}),
  /** A supervisor's first message: the token of an earlier one, or the passphrase where there is one. */
  'floor.watch': Strict({
    passphrase: Type.Optional(Type.String({ maxLength: 200 })),
    token: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  }),
  /** The built-in handset; only where the simulated telephone network runs. */
  'handset.dial': Strict({}),
  'handset.press': Strict({ digits: Type.String({ pattern: '^[0-9*#]{1,20}$' }) }),
  'handset.hangUp': Strict({}),
} as const;

export type Method = keyof typeof REQUESTS;
export type Params<M extends Method> = Static<(typeof REQUESTS)[M]>;

const Lead = Type.Object({
  leadId: Type.String(),
  name: Type.String(),
  phone: Type.String(),
  columns: Type.Record(Type.String(), Type.String()),
});
const Outcome = literals([
  'talked',
  'abandoned',
  'noAnswer',
  'busy',
  'failed',
  'canceled',
  'machine',
  'refused',
]);
const SessionState = literals([
  'idle',
  'consumerConnected',
  'dialing',
  'queued',
  'bridged',
  'completed',
]);
const Mode = nullable(literals(['ready', 'paused', 'wrappingUp']));
const EndedBy = literals(['agent', 'phone', 'lead']);

/** `SessionView` of domain/session-view.ts, as it travels. */
export const View = Type.Object({
  sessionId: Type.String(),
  agentName: Type.String(),
  state: SessionState,
  mode: Mode,
  since: Type.Number(),
  dialIn: Type.Object({
    number: Type.String(),
    accessCode: nullable(Type.String()),
    gate: nullable(
      Type.Object({ stage: literals(['prompting', 'wrongCode', 'dismissed']), at: Type.Number() }),
    ),
  }),
  phoneConnected: Type.Boolean(),
  lines: Type.Integer(),
  calls: Type.Array(
    Type.Object({
      callId: Type.String(),
      lead: Lead,
      state: literals(['idle', 'dialing', 'queued', 'bridged', 'ending', 'completed']),
      phase: nullable(
        literals(['waitingForLine', 'requesting', 'placed', 'ringing', 'unconfirmed']),
      ),
      since: Type.Number(),
      outcome: nullable(Outcome),
    }),
  ),
  talk: nullable(Type.Object({ callId: Type.String(), lead: Lead, since: Type.Number() })),
  wrapUp: nullable(
    Type.Object({
      callId: Type.String(),
      lead: Lead,
      since: Type.Number(),
      talkMs: nullable(Type.Number()),
      endedBy: nullable(EndedBy),
    }),
  ),
  autoNext: Type.Boolean(),
  anomalyAt: nullable(Type.Number()),
  recent: Type.Array(
    Type.Object({
      callId: Type.String(),
      lead: Lead,
      outcome: Outcome,
      disposition: nullable(literals(DISPOSITIONS)),
      endedAt: Type.Number(),
      talkMs: nullable(Type.Number()),
      endedBy: nullable(EndedBy),
    }),
  ),
  quiet: nullable(
    literals([
      'phoneNotConnected',
      'readyToCall',
      'paused',
      'dispositionOwed',
      'waitingForLine',
      'listFinished',
      'signedOut',
      'journalUnwritable',
    ]),
  ),
});
export type View = Static<typeof View>;

/** What the simulated handset shows: what its owner would hear, as text. */
export const Handset = Type.Object({
  phase: literals(['idle', 'dialing', 'ringing', 'connected']),
  heard: Type.Array(
    Type.Object({ id: Type.Number(), at: Type.Number(), kind: Type.String(), text: Type.String() }),
  ),
});
export type Handset = Static<typeof Handset>;

/** All that the floor shows: a projection of the actors at one moment, and what the store counts of the last hours. */
export const Floor = Type.Object({
  agents: Type.Array(
    Type.Object({
      sessionId: Type.String(),
      name: Type.String(),
      state: SessionState,
      mode: Mode,
      since: Type.Number(),
      /** Whom she talks with or is being connected to. */
      lead: nullable(Type.String()),
      lines: Type.Integer(),
      calls: Type.Integer(),
      pageOpen: Type.Boolean(),
    }),
  ),
  /** Attempts by the state of their actor; only states that somebody is in. */
  calls: Type.Record(Type.String(), Type.Integer()),
  /** Oldest first, without a gap. */
  history: Type.Array(
    Type.Object({
      at: Type.Number(),
      /** Answered by a person. */
      answered: Type.Integer(),
      abandoned: Type.Integer(),
      /** From answer to bridge, mean and longest, in milliseconds. */
      waitedMs: nullable(Type.Number()),
      waitedMostMs: nullable(Type.Number()),
    }),
  ),
});
export type Floor = Static<typeof Floor>;

/**
 * Notifications of the server. Every one carries `seq`, which grows by one from 1 on each socket; a gap
 * means that the page has lost a message and must resume. `at` and `now` are the server’s milliseconds since 1970.
 */
export const NOTIFICATIONS = {
  /** The whole view, each time it changes. */
  'session.view': Type.Object({ seq: Type.Integer(), now: Type.Number(), view: View }),
  /** The bridge is being made: exactly one for each attempt that is bridged. */
  'call.answered': Type.Object({
    seq: Type.Integer(),
    callId: Type.String(),
    leadId: Type.String(),
    at: Type.Number(),
  }),
  /** The attempt is over: exactly one for each attempt. */
  'call.ended': Type.Object({
    seq: Type.Integer(),
    callId: Type.String(),
    leadId: Type.String(),
    outcome: Outcome,
    at: Type.Number(),
  }),
  'list.finished': Type.Object({ seq: Type.Integer(), at: Type.Number() }),
  'handset.changed': Type.Object({ seq: Type.Integer(), handset: Handset }),
  /** Something in the list is different from what `leads.page` gave last. Once per `leads.page`. */
  'leads.changed': Type.Object({ seq: Type.Integer() }),
  /** How far the import of this page has come. */
  'leads.importing': Type.Object({
    seq: Type.Integer(),
    done: Type.Integer(),
    total: Type.Integer(),
  }),
  'floor.view': Type.Object({ seq: Type.Integer(), now: Type.Number(), floor: Floor }),
  /** Every 15 s: a page that hears nothing for 35 s has lost its server, whatever its socket says. */
  'server.beat': Type.Object({ seq: Type.Integer(), now: Type.Number() }),
} as const;

export type NotificationName = keyof typeof NOTIFICATIONS;
export type Notification<N extends NotificationName> = Static<(typeof NOTIFICATIONS)[N]>;

/** Results of requests; those not listed answer `{}`. The result is sent when the command is durable. */
export interface Results {
  'agent.signIn': { token: string; simulated: boolean };
  'agent.resume': { token: string; simulated: boolean };
  'agent.figures': Figures;
  'call.details': CallDetails;
  'leads.page': LeadsPage;
  'leads.clear': { removed: number };
  'leads.startOver': { waiting: number };
  'floor.watch': { token: string };
}

export const Figures = Type.Object({
  calls: Type.Integer(),
  talks: Type.Integer(),
  talkMs: Type.Number(),
  abandoned: Type.Integer(),
  dispositions: Type.Record(Type.String(), Type.Integer()),
});
export type Figures = Static<typeof Figures>;

export const CallDetails = Type.Object({
  notes: Type.String(),
  disposition: nullable(literals(DISPOSITIONS)),
  /** Earlier calls to the same number, newest first. */
  attempts: Type.Array(
    Type.Object({
      callId: Type.String(),
      endedAt: Type.Number(),
      outcome: nullable(Outcome),
      disposition: nullable(literals(DISPOSITIONS)),
      notes: Type.String(),
    }),
  ),
});
export type CallDetails = Static<typeof CallDetails>;

const LeadRow = Type.Object({
  leadId: Type.String(),
  name: Type.String(),
  phone: Type.String(),
  state: literals(LEAD_STATES),
  outcome: nullable(Outcome),
  disposition: nullable(literals(DISPOSITIONS)),
  endedAt: nullable(Type.Number()),
});
export type LeadRow = Static<typeof LeadRow>;

export const LeadsPage = Type.Object({
  rows: Type.Array(LeadRow),
  /** Rows that match, of which `rows` is a window. */
  total: Type.Integer(),
  counts: Type.Object({
    waiting: Type.Integer(),
    reserved: Type.Integer(),
    done: Type.Integer(),
  }),
});
export type LeadsPage = Static<typeof LeadsPage>;

/** JSON-RPC error codes of ours; the standard ones (-32700, -32600, -32601, -32602, -32603) keep their meaning. */
export const ERROR_CODES = {
  notSignedIn: 4401,
  /** The command does not fit the state: `data.reason` says why. */
  conflict: 4409,
  wrongPassphrase: 4403,
  tooMany: 4429,
  unavailable: 4503,
} as const;

/** WebSocket close codes of ours, beside the standard ones. */
export const CLOSE_CODES = {
  /** Nobody signed in within 5 s, or the session is over. */
  notSignedIn: 4401,
  /** No pong for 45 s. */
  silent: 4408,
  /** The same agent opened another page: the newest wins. */
  replaced: 4409,
  flood: 4429,
} as const;
