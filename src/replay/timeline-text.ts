import type { Row } from './timeline.ts';
import { iso, type Verdict } from './verdict.ts';

/** Colours of legs on a terminal, in the order in which they appear. */
const LEG_COLOURS = [36, 33, 35, 32, 34, 31, 96, 93, 95, 92];

/** A verdict as a person reads it. */
export function writeVerdict(verdict: Verdict, isColoured: boolean): string {
  const colour = isColoured ? legColours(verdict.rows) : (text: string): string => text;
  return [
    `${verdict.recording}: ${verdict.recognised} of ${verdict.requests} requests recognised`,
    ...verdict.unrecognised.map(({ line, text }) => `  line ${line} not understood: ${text}`),
    '',
    ...verdict.rows.flatMap((row) => rowLines(row).map((line) => colour(line, row.callSid))),
    '',
    ...endLines(verdict),
    ...differenceLines(verdict),
    ...breakLines(verdict),
  ].join('\n');
}

function legColours(rows: readonly Row[]): (text: string, callSid?: string | null) => string {
  const legs = [...new Set(rows.flatMap((row) => row.callSid ?? []))];
  return (text, callSid) => {
    const index = legs.indexOf(callSid ?? '');
    return index < 0 ? text : `\u001B[${LEG_COLOURS[index % LEG_COLOURS.length]}m${text}\u001B[0m`;
  };
}

/** One row of a timeline, and what of it is inferred. */
export function rowLines(row: Row): string[] {
  const time = iso(row.at).slice(11, 23).replace('.000', '    ');
  const leg = row.callSid === null ? '' : `…${row.callSid.slice(-4)}`;
  const head = [time, row.kind.padEnd(13), leg.padEnd(5)].join('  ');
  const event = [row.event ?? '–', ...row.followedBy].join(' → ');
  const told = row.notices.map(
    ({ type, outcome }) => `page: ${type}${outcome ? ` (${outcome})` : ''}`,
  );
  const parts = [
    event,
    row.session && `session ${moved(row.session)}`,
    row.call && `call ${moved(row.call)}`,
    row.plan && `TwiML ${row.plan.plan}`,
    ...told,
    ...row.orders.map((order) => `Twilio: ${order}`),
    ...row.anomalies.map((anomaly) => `anomaly: ${anomaly}`),
  ];
  const lines = [`${head}  ${parts.filter(Boolean).join('; ')}`];
  if (row.inferred.length > 0)
    lines.push(`${' '.repeat(head.length)}  inferred: ${row.inferred.join(', ')}`);
  return lines;
}

const moved = ({ before, after }: { before: string; after: string }): string =>
  before === after ? after : `${before} → ${after}`;

function endLines({ replayed }: Verdict): string[] {
  return [
    ...replayed.sessions.map(({ sessionId, state }) => `session ${sessionId}: ${state}`),
    ...replayed.calls.map(
      (call) =>
        `call ${call.callSid ?? call.callId}: ${call.state}, ${call.outcome ?? 'no outcome'}, ` +
        `${call.answeredNotices} answered, ${call.endedNotices} ended`,
    ),
  ];
}

function differenceLines({ differences }: Verdict): string[] {
  if (differences.length === 0) return ['', 'No difference to what was answered then.'];
  const decided = differences.filter(({ recorded, ours }) => recorded.decision !== ours.decision);
  const lines = differences.map(({ row, recorded, ours }) => {
    const sameness = recorded.decision === ours.decision ? 'same decision' : 'another decision';
    return `  ${iso(row.at).slice(11, 19)} ${row.kind.padEnd(13)} ${answerText(recorded)}; ours: ${answerText(ours)}; ${sameness}`;
  });
  return [
    '',
    `Differences to what was answered then (${decided.length} in what was decided):`,
    ...lines,
  ];
}

function answerText(answer: Verdict['differences'][number]['ours']): string {
  const said = answer.saidHangingUp ? ' "hanging up"' : '';
  return `${answer.status}, ${answer.bytes ?? '?'} bytes, ${answer.decision ?? 'unknown'}${said}`;
}

function breakLines({ breaks }: Verdict): string[] {
  if (breaks.length === 0) return ['', 'No invariant broken, then or now.'];
  const lines = breaks.map(
    ({ invariant, by, at, detail }) =>
      `  ${iso(at).slice(11, 19)} ${invariant.padEnd(4)} ${by === 'ours' ? 'OURS    ' : 'recorded'} ${detail}`,
  );
  return ['', 'Broken invariants (docs/replay.md lists them):', ...lines];
}
