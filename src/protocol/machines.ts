import { Type, type Static, type TSchema } from 'typebox';

/**
 * The words of the live charts: JSON-RPC 2.0 over one WebSocket (`/watch`), beside that of the agent's page. No number, code,
 * note or SID is ever in them; names of leads are, as on the agent's page.
 */
const Strict = <Fields extends Record<string, TSchema>>(fields: Fields) =>
  Type.Object(fields, { additionalProperties: false });
const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);
const IdText = Type.String({ pattern: '^[A-Za-z0-9_-]{22}$' });

export const WATCH_REQUESTS = {
  /** First message: the token of a page that has signed in. From then on `machines.floor` comes. */
  'machines.watch': Strict({ token: Type.String({ minLength: 1, maxLength: 200 }) }),
  /** Follows one session: its timeline now, each further step as `machines.step`. Null: no more. */
  'machines.session': Strict({ sessionId: nullable(IdText) }),
  /** Where a session stood after one entry of its journal. */
  'machines.at': Strict({ sessionId: IdText, seq: Type.Integer({ minimum: -1 }) }),
} as const;
export type WatchMethod = keyof typeof WATCH_REQUESTS;
export type WatchParams<M extends WatchMethod> = Static<(typeof WATCH_REQUESTS)[M]>;

const CallPlace = Type.Object({ callId: Type.String(), lead: Type.String(), state: Type.String() });

export const FloorSession = Type.Object({
  sessionId: Type.String(),
  agent: Type.String(),
  /** Path of the leaf in the chart: `dialing.placed.accepted`. */
  state: Type.String(),
  calls: Type.Array(CallPlace),
});
export type FloorSession = Static<typeof FloorSession>;

export const FloorEvent = Type.Object({
  at: Type.Number(),
  sessionId: Type.String(),
  callId: nullable(Type.String()),
  event: Type.String(),
  detail: nullable(Type.String()),
  /** Arrows of the session's chart, and of the attempt's. */
  sessionArrows: Type.Array(Type.String()),
  callArrows: Type.Array(Type.String()),
  session: Type.String(),
  call: nullable(Type.String()),
});
export type FloorEvent = Static<typeof FloorEvent>;

export const FloorAnomaly = Type.Object({
  at: Type.Number(),
  anomaly: Type.String(),
  webhook: Type.String(),
  sessionId: nullable(Type.String()),
  callId: nullable(Type.String()),
});
export type FloorAnomaly = Static<typeof FloorAnomaly>;

export const Step = Type.Object({
  seq: Type.Integer(),
  at: Type.Number(),
  event: Type.String(),
  detail: nullable(Type.String()),
  callId: nullable(Type.String()),
  taken: Type.Array(
    Type.Object({
      callId: nullable(Type.String()),
      arrow: Type.String(),
      event: Type.String(),
      from: Type.String(),
      to: Type.String(),
    }),
  ),
  orders: Type.Array(Type.String()),
  session: Type.String(),
  calls: Type.Array(CallPlace),
});
export type Step = Static<typeof Step>;

/** Each carries `seq`, from 1 on each socket. */
export const WATCH_NOTIFICATIONS = {
  /** Who is where now, and what has happened since the last one; at most four a second. */
  'machines.floor': Type.Object({
    seq: Type.Integer(),
    now: Type.Number(),
    /** Sessions that are there but not listed: a floor is cut off at 300. */
    unlisted: Type.Integer(),
    sessions: Type.Array(FloorSession),
    events: Type.Array(FloorEvent),
    anomalies: Type.Array(FloorAnomaly),
  }),
  'machines.step': Type.Object({ seq: Type.Integer(), sessionId: Type.String(), step: Step }),
} as const;
export type WatchNotificationName = keyof typeof WATCH_NOTIFICATIONS;
export type WatchNotification<N extends WatchNotificationName> = Static<
  (typeof WATCH_NOTIFICATIONS)[N]
>;

export const Moment = Type.Object({
  seq: Type.Integer(),
  at: Type.Number(),
  session: Type.String(),
  calls: Type.Array(
    Type.Object({ callId: Type.String(), state: Type.String(), outcome: nullable(Type.String()) }),
  ),
  /** When the deadlines that run are due, earliest first. */
  due: Type.Array(Type.Number()),
});
export type Moment = Static<typeof Moment>;

export const WATCH_RESULTS = {
  'machines.watch': Type.Object({}),
  /** The last steps, oldest first; `cut` counts those before them. Empty for a session that is over. */
  'machines.session': Type.Object({ cut: Type.Integer(), steps: Type.Array(Step) }),
  'machines.at': Moment,
} as const;
export type WatchResult<M extends WatchMethod> = Static<(typeof WATCH_RESULTS)[M]>;
