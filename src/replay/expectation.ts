import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { RecordingError } from './recording.ts';
import type { Row } from './timeline.ts';
import { toJson, type Verdict } from './verdict.ts';

/** What a recording is expected to make the machines do: reviewed by a person, kept beside the recording. */
export interface Expectation {
  recording: string;
  requests: number;
  unrecognised: unknown;
  sessions: unknown;
  calls: unknown;
  decisions: Decision[];
  breaks: { invariant: string; detail: string }[];
}

/** One request and what it led to; `line` finds it in the recording. */
interface Decision {
  line: number;
  kind: string;
  callSid: string | null;
  event: string | null;
  session: string | null;
  call: string | null;
  twiml: string | null;
  notices: string[];
}

export const expectationFile = (recording: string): string =>
  `${recording.replace(/\.[^./]+$/, '')}.expected.json`;

export function expectationOf(verdict: Verdict): Expectation {
  const { requests, unrecognised, sessions, calls } = toJson(verdict);
  return JSON.parse(
    JSON.stringify({
      recording: basename(verdict.recording),
      requests,
      unrecognised,
      sessions,
      calls,
      decisions: verdict.rows.filter((row) => row.step?.step === 'webhook').map(decisionOf),
      breaks: verdict.breaks
        .filter(({ by }) => by === 'ours')
        .map(({ invariant, detail }) => ({ invariant, detail })),
    }),
  ) as Expectation;
}

const decisionOf = (row: Row): Decision => ({
  line: row.line,
  kind: row.kind,
  callSid: row.callSid,
  event: row.event,
  session: row.session?.after ?? null,
  call: row.call?.after ?? null,
  twiml: row.plan?.plan ?? null,
  notices: row.notices.map(({ type, outcome }) => (outcome ? `${type} ${outcome}` : type)),
});

export async function readExpectation(recording: string): Promise<Expectation | null> {
  const file = expectationFile(recording);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw new RecordingError(file, 1, 'cannot be read');
  }
  try {
    return JSON.parse(text) as Expectation;
  } catch {
    throw new RecordingError(file, 1, 'is not JSON; write it again with --accept');
  }
}

/** One decision a line, so that a review sees what changed. */
export async function accept(verdict: Verdict): Promise<string> {
  const file = expectationFile(verdict.recording);
  const { decisions, ...rest } = expectationOf(verdict);
  const head = JSON.stringify(rest, null, 2).replace(/\n\}$/, '');
  const lines = decisions.map((decision) => `    ${JSON.stringify(decision)}`).join(',\n');
  await writeFile(file, `${head},\n  "decisions": [\n${lines}\n  ]\n}\n`);
  return file;
}

/** In words, what differs from what was accepted; empty if nothing does. */
export function deviations(expected: Expectation, verdict: Verdict): string[] {
  const actual = expectationOf(verdict);
  const found: string[] = [];
  for (const key of ['requests', 'unrecognised', 'sessions', 'calls', 'breaks'] as const) {
    if (isDeepStrictEqual(expected[key], actual[key])) continue;
    found.push(
      `${key}: accepted ${JSON.stringify(expected[key])}, now ${JSON.stringify(actual[key])}`,
    );
  }
  const byLine = new Map(actual.decisions.map((decision) => [decision.line, decision]));
  for (const accepted of expected.decisions) {
    const now = byLine.get(accepted.line);
    byLine.delete(accepted.line);
    if (!now) found.push(`line ${accepted.line}: ${accepted.kind} is gone`);
    else found.push(...changesOf(accepted, now));
  }
  for (const { line, kind } of byLine.values()) found.push(`line ${line}: ${kind} is new`);
  return found;
}

function changesOf(accepted: Decision, now: Decision): string[] {
  const keys = ['kind', 'callSid', 'event', 'session', 'call', 'twiml', 'notices'] as const;
  return keys
    .filter((key) => !isDeepStrictEqual(accepted[key], now[key]))
    .map(
      (key) =>
        `line ${accepted.line} (${accepted.kind}): ${key} was ${show(accepted[key])}, is ${show(now[key])}`,
    );
}

const show = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value);
