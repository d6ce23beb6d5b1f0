import { Type, type Static, type TSchema } from 'typebox';
import { DISPOSITIONS } from '../domain/outcome.ts';

/**
 * The words between page and server: JSON-RPC 2.0 over one WebSocket (`/agent`). The page sends requests,
 * the server answers each and sends notifications of its own. One schema serves both sides; see docs/protocol.md.
 */
const literals = <Name extends string>(names: readonly Name[]) => Type.Enum<Name[]>([...names]);
const Strict = <Fields extends Record<string, TSchema>>(fields: Fields) =>
  Type.Object(fields, { additionalProperties: false });

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
  'agent.signOut': Strict({}),
  'leads.list': Strict({}),
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
const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

/** `SessionView` of domain/session-view.ts, as it travels. */
export const View = Type.Object({
  sessionId: Type.String(),
  agentName: Type.String(),
  state: literals(['idle', 'consumerConnected', 'dialing', 'queued', 'bridged', 'completed']),
  mode: nullable(literals(['ready', 'paused', 'wrappingUp'])),
  since: Type.Number(),
  dialIn: Type.Object({ number: Type.String(), accessCode: nullable(Type.String()) }),
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
  wrapUp: nullable(Type.Object({ callId: Type.String(), lead: Lead })),
  recent: Type.Array(
    Type.Object({
      callId: Type.String(),
      lead: Lead,
      outcome: Outcome,
      disposition: nullable(literals(DISPOSITIONS)),
      endedAt: Type.Number(),
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
} as const;

export type NotificationName = keyof typeof NOTIFICATIONS;
export type Notification<N extends NotificationName> = Static<(typeof NOTIFICATIONS)[N]>;

/** Results of requests; those not listed answer `{}`. The result is sent when the command is durable. */
export interface Results {
  'agent.signIn': { token: string; simulated: boolean };
  'agent.resume': { token: string; simulated: boolean };
  'leads.list': { leads: LeadRow[] };
}
export interface LeadRow {
  leadId: string;
  name: string;
  phone: string;
  columns: Record<string, string>;
  state: 'waiting' | 'reserved' | 'done';
  outcome: string | null;
}

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
