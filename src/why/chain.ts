import type { AnyMachineSnapshot, AnyStateNode } from 'xstate';
import { composeSession, type OrderSink } from '../dialer/compose.ts';
import type { JournalEntry } from '../dialer/ports.ts';
import { type HostEntry, SessionHost, type Stage } from '../dialer/session-host.ts';
import { viewOf } from '../dialer/view.ts';
import type { EffectOrder, SessionEvent } from '../domain/events.ts';
import type { CallId } from '../domain/ids.ts';
import type { TwimlPlan } from '../domain/twiml-plan.ts';
import type { StoredSession } from '../journal/stored-sessions.ts';
import type { Found } from './find-sessions.ts';

export interface Link {
  seq: number;
  at: number;
  /** What happened: the event as it was journaled, or the timer that fired. */
  event: SessionEvent | { type: 'timer'; timer: number };
  /** Session and calls before and after, as `state` or `callId state`. */
  before: string[];
  after: string[];
  orders: EffectOrder[];
  twiml: TwimlPlan | null;
  /** Where nothing changed: the state that does not take the event, or the guards that refused it. */
  refusedBy: string | null;
}

export interface Chain {
  sessionId: string;
  closedAt: number | null;
  links: Link[];
  /** Where it stands now, and the entry that put it there. */
  now: {
    state: string[];
    since: number;
    /** Why nobody is being dialed; null while somebody is, or in a talk. */
    quiet: string | null;
    timers: { dueAt: number }[];
    /** The named waits of the states it is in. */
    waits: string[];
    failed: boolean;
  };
}

/** The causal chain of what was found: each entry with the states around it. Replays; nothing is carried out. */
export const chainsOf = ({ sessions, needles }: Found): Chain[] =>
  sessions.flatMap((session) => chainOf(session, needles) ?? []);

function chainOf({ entries, sessionId, closedAt }: StoredSession, needles: string[]): Chain | null {
  const links: Link[] = [];
  const follows = callsBehind(needles, entries);
  let host: SessionHost | null = null;
  for (const entry of entries) {
    if (entry.kind === 'opened') host = new SessionHost(stage(), entry.opening, entry.at);
    else if (entry.kind === 'checkpoint' && host) {
      host = new SessionHost(stage(), host.opening, entry.at, entry.state);
    } else if (host && (entry.kind === 'event' || entry.kind === 'timer')) {
      const link = linkOf(host, entry);
      if (isAbout(link, follows)) links.push(link);
    }
  }
  if (!host) return null;
  const { snapshot } = host;
  const nodes = [snapshot, ...children(host).map(([, child]) => child)].flatMap(nodesOf);
  const chain: Chain = {
    sessionId,
    closedAt,
    links,
    now: {
      state: statesOf(host),
      since: host.since('session'),
      quiet:
        closedAt === null
          ? viewOf(host, { number: '', accessCode: null, gate: null }).quiet
          : 'signedOut',
      timers: host.timers.map(({ due }) => ({ dueAt: due })),
      waits: nodes.flatMap((node) => node.after.map(({ delay }) => `${node.id}: ${String(delay)}`)),
      failed: host.failed,
    },
  };
  host.stop();
  return chain;
}

function stage(): Stage {
  const sink: OrderSink = { take: () => {} };
  const journal = {
    append: () => {},
    flush: () => Promise.resolve(),
    read: async function* (): AsyncIterable<readonly JournalEntry[]> {},
    close: () => Promise.resolve(),
  };
  return { machine: composeSession(sink), sink, journal, onFailure: () => {} };
}

function linkOf(host: SessionHost, entry: HostEntry): Link {
  const before = statesOf(host);
  host.takeOrders();
  const judged = 'event' in entry ? refusal(host, entry.event) : null;
  host.replay(entry);
  const after = statesOf(host);
  const orders = host.takeOrders().map(({ order }) => discreet(order));
  const changed = orders.length > 0 || before.join() !== after.join();
  return {
    seq: entry.seq,
    at: entry.at,
    event: 'event' in entry ? discreet(entry.event) : { type: 'timer', timer: entry.timer },
    before,
    after,
    orders,
    twiml: 'event' in entry && entry.reply ? host.replyTo(entry.reply) : null,
    refusedBy: changed ? null : judged,
  };
}

/** Notes are the agent's: they are not told. */
const discreet = <Told extends SessionEvent | EffectOrder>(told: Told): Told =>
  'notes' in told ? { ...told, notes: '…' } : told;

/** A lead's id and a leg's SID lead to the ids of the calls; empty for a whole session. */
function callsBehind(needles: readonly string[], entries: readonly JournalEntry[]): Set<string> {
  const follows = new Set(needles);
  for (const entry of entries) {
    if (entry.kind !== 'event') continue;
    const { event } = entry;
    if (event.type === 'leads.reserved') {
      for (const { callId, leadId } of event.calls) if (follows.has(leadId)) follows.add(callId);
    }
    if (event.type !== 'call.deliver') continue;
    if ('sid' in event.event && follows.has(event.event.sid)) follows.add(event.callId);
  }
  return follows;
}

/** It names what is followed, or moved a call that is. */
function isAbout({ event, orders, before, after }: Link, follows: ReadonlySet<string>): boolean {
  if (follows.size === 0) return true;
  const text = JSON.stringify([event, orders]);
  if ([...follows].some((id) => text.includes(JSON.stringify(id)))) return true;
  const moved = after.filter((state) => !before.includes(state));
  return moved.some((state) => follows.has(state.split(' ')[0] ?? ''));
}

const children = (host: SessionHost): [CallId, AnyMachineSnapshot][] =>
  host.snapshot.context.open.flatMap((callId): [CallId, AnyMachineSnapshot][] => {
    const call = host.call(callId);
    return call ? [[callId, call]] : [];
  });

// XState gives the active states of a snapshot under no other name.
// oxlint-disable-next-line no-underscore-dangle
const nodesOf = (snapshot: AnyMachineSnapshot): AnyStateNode[] => snapshot._nodes;

const statesOf = (host: SessionHost): string[] => [
  `session ${pathOf(host.snapshot)}`,
  ...children(host).map(([callId, call]) => `${callId} ${pathOf(call)}`),
];

/** `{ dialing: { placed: 'ringing' } }` is `dialing.placed.ringing`. */
function pathOf({ value }: AnyMachineSnapshot): string {
  const path = (part: unknown): string =>
    typeof part === 'object' && part
      ? Object.entries(part)
          .map(([name, rest]) => `${name}.${path(rest)}`)
          .join(' + ')
      : String(part);
  return path(value);
}

function refusal(host: SessionHost, event: SessionEvent): string {
  if (event.type !== 'call.deliver') return refusedIn(host.snapshot, event.type);
  const call = host.call(event.callId);
  return call ? refusedIn(call, event.event.type) : `no open call ${event.callId}`;
}

function refusedIn(snapshot: AnyMachineSnapshot, type: string): string {
  const guards = nodesOf(snapshot).flatMap((node) =>
    (node.transitions.get(type) ?? []).flatMap(({ guard }) => (guard ? nameOf(guard) : [])),
  );
  const state = pathOf(snapshot);
  return guards.length > 0
    ? `${state}: refused by ${[...new Set(guards)].join(', ')}`
    : `${state}: ${type} changes nothing here`;
}

function nameOf(guard: unknown): string {
  if (typeof guard === 'string') return guard;
  return typeof guard === 'object' && guard && 'type' in guard ? String(guard.type) : 'a guard';
}
