import { leafPath } from '../charts/chart.ts';
import { composeSession } from '../dialer/compose.ts';
import type { Journal } from '../dialer/ports.ts';
import { SessionHost, type Stage } from '../dialer/session-host.ts';
import type { CallId } from '../domain/ids.ts';
import type { SessionPast } from './session-journal.ts';

export interface Moment {
  seq: number;
  at: number;
  session: string;
  calls: { callId: CallId; state: string; outcome: string | null }[];
  /** When the armed deadlines are due, earliest first. */
  due: number[];
}

/** Replays a session's journal up to and with entry `seq` in a host that is thrown away. */
export function momentAt(past: SessionPast, seq: number): Moment {
  const sink = { take: () => {} };
  const stage: Stage = {
    machine: composeSession(sink),
    sink,
    journal: NO_JOURNAL,
    onFailure: () => {},
  };
  const host = new SessionHost(stage, past.opening, past.at, past.from);
  for (const entry of past.entries) if (entry.seq <= seq) host.replay(entry);
  const { timers } = host.state as { timers: { due: number }[] };
  const moment: Moment = {
    seq,
    at: host.now,
    session: leafPath(host.snapshot.value),
    calls: Object.keys(host.snapshot.children).flatMap((id) => {
      const call = host.call(id as CallId);
      if (!call) return [];
      return { callId: id as CallId, state: leafPath(call.value), outcome: call.context.outcome };
    }),
    due: timers.map(({ due }) => due).toSorted((a, b) => a - b),
  };
  host.stop();
  return moment;
}

/** A replay writes nothing. */
const NO_JOURNAL: Journal = {
  append: () => {},
  flush: () => Promise.resolve(),
  async *read() {},
  close: () => Promise.resolve(),
};
