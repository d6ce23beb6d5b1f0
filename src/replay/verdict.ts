import { differenceOf, type Difference } from './differences.ts';
import { OurInvariants, type Break } from './our-invariants.ts';
import { interpret } from './interpret.ts';
import { recordedBreaks } from './recorded-invariants.ts';
import type { RecordedEntry, Recording, UnrecognisedLine } from './recording.ts';
import { replay, type Replayed } from './replayer.ts';
import { TwimlText } from './twiml-text.ts';
import type { Row } from './timeline.ts';

/** All that a replay found out. */
export interface Verdict {
  recording: string;
  requests: number;
  recognised: number;
  unrecognised: readonly UnrecognisedLine[];
  replayed: Replayed;
  rows: readonly Row[];
  differences: Difference[];
  breaks: Break[];
  text: TwimlText;
}

/** Replays a recording and judges it. */
export async function judge(recording: Recording): Promise<Verdict> {
  const script = interpret(recording);
  const text = new TwimlText(script.publicBaseUrl);
  const ours = new OurInvariants(text);
  const replayed = await replay(script, ours);
  ours.finish(replayed);
  const hangingUp = linesOfHangingUp(recording.entries);
  const differences = replayed.rows.flatMap(
    (row) => differenceOf(row, text, hangingUp.has(row.line)) ?? [],
  );
  return {
    recording: recording.file,
    requests: script.requests,
    recognised: script.requests - script.unrecognised.length,
    unrecognised: script.unrecognised,
    replayed,
    rows: replayed.rows,
    differences,
    breaks: [...recordedBreaks(recording.entries, script), ...ours.breaks].toSorted(
      (a, b) => a.at - b.at,
    ),
    text,
  };
}

/** Lines of the requests before whose reply "hanging up" was printed. */
function linesOfHangingUp(entries: readonly RecordedEntry[]): ReadonlySet<number> {
  const lines = new Set<number>();
  let isHangingUp = false;
  for (const entry of entries) {
    if (entry.kind === 'said' && entry.said.what === 'hangingUp') isHangingUp = true;
    if (entry.kind !== 'request') continue;
    if (isHangingUp) lines.add(entry.line);
    isHangingUp = false;
  }
  return lines;
}

/** The documented shape of `--json`: docs/replay.md. */
export function toJson(verdict: Verdict): Record<string, unknown> {
  const { recording, requests, recognised, unrecognised, replayed } = verdict;
  return {
    recording,
    requests,
    recognised,
    unrecognised,
    sessions: replayed.sessions.map(({ sessionId, state }) => ({
      id: sessionId,
      finalState: state,
    })),
    calls: replayed.calls.map(({ callSid, outcome, answeredNotices, endedNotices }) => ({
      callSid,
      outcome,
      answeredNotices,
      endedNotices,
    })),
    timeline: verdict.rows.map(rowToJson),
    differences: verdict.differences.map(({ row, recorded, ours }) => ({
      at: iso(row.at),
      callSid: row.callSid,
      recorded,
      ours,
    })),
    breaks: verdict.breaks.map((found) => ({ ...found, at: iso(found.at) })),
  };
}

export function rowToJson(row: Row): Record<string, unknown> {
  const { line, kind, callSid, leg, event, followedBy, session, call, plan, notices, orders } = row;
  return {
    line,
    at: iso(row.at),
    kind,
    callSid,
    leg,
    event,
    followedBy,
    session,
    call,
    plan: plan?.plan ?? null,
    notices,
    orders,
    anomalies: row.anomalies,
    inferred: row.inferred,
  };
}

export const iso = (at: number): string => new Date(at).toISOString();
