import type { AnyActorRef, AnyEventObject, InspectionEvent, Snapshot } from 'xstate';

/** The version of @statelyai/inspect whose receivers these events are shaped for; its sources were read, it is not a dependency. */
const PROTOCOL_VERSION = '0.7.2';

/** Fields of events and contexts that say nothing about a person; the rest stays here. */
const PLAIN_FIELDS: ReadonlySet<string> = new Set(
  `type event status result answeredBy asked lines disposition code outcome durationSeconds
  callId actorId attached open hoping reserving winner wrapUp calls limits
  detachedWithinMs closeWithinMs createWithinMs ringAtLeastMs ringAtMostMs bridgeWithinMs
  askAgainAfterMs lookUpWithinMs`.split(/\s+/),
);

/** Keeps what is plain, at every depth. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => PLAIN_FIELDS.has(key));
  return Object.fromEntries(kept.map(([key, inner]) => [key, plain(inner)]));
}

/** An event of the Stately inspector's protocol, without personal data; null for what it does not know. */
export function statelyEvent(event: InspectionEvent, at: number): object | null {
  const actor = event.actorRef as AnyActorRef & { logic?: { config?: { id?: string } } };
  const base = {
    sessionId: actor.sessionId,
    rootId: event.rootId,
    createdAt: String(at),
    id: null,
    _version: PROTOCOL_VERSION,
  };
  if (event.type === '@xstate.event') {
    const sourceId = event.sourceRef?.sessionId;
    return { ...base, type: event.type, event: plainEvent(event.event), sourceId };
  }
  if (event.type === '@xstate.snapshot') {
    const snapshot = plainSnapshot(event.snapshot);
    return { ...base, type: event.type, event: plainEvent(event.event), snapshot };
  }
  if (event.type !== '@xstate.actor') return null;
  const config = actor.logic?.config;
  return {
    ...base,
    type: event.type,
    name: actor.sessionId === event.rootId ? (config?.id ?? actor.id) : actor.id,
    parentId: actor.sessionId === event.rootId ? undefined : event.rootId,
    // The chart itself, as text: functions fall away.
    definition: JSON.stringify(config ?? { id: actor.id }),
    snapshot: { status: 'active' },
  };
}

const plainEvent = (event: AnyEventObject): unknown =>
  event.type.startsWith('xstate.init') ? { type: event.type } : plain(event);

function plainSnapshot(snapshot: Snapshot<unknown>): object {
  const { value, context } = snapshot as { value?: unknown; context?: unknown };
  return { status: snapshot.status, value, context: plain(context) };
}
