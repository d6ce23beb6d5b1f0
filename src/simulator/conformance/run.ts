import { compare, type Finding } from './compare.ts';
import { CannotStage, Laboratory } from './laboratory.ts';
import { loadPayloads, type RecordedPayload } from './payload.ts';
import { readSituation } from './situation.ts';
import { STAGES } from './stages.ts';

export interface ConformanceResult {
  readonly source: string;
  readonly kind: string;
  /** `unknownKind` and `notStaged`: nothing was compared. `notSent`: staged, but the request never came. */
  readonly outcome: 'conforms' | 'unreadable' | 'differs' | 'unknownKind' | 'notStaged' | 'notSent';
  readonly note: string | null;
  readonly findings: readonly Finding[];
  /** Dated fields the recording lacks, which the network therefore did not send. */
  readonly dated: readonly string[];
  /** Switches for what nobody could verify, set as the recording tells. */
  readonly assumed: readonly string[];
}

/** Loads and checks a directory. Files that hold no payload are results too. */
export async function checkDirectory(directory: string): Promise<ConformanceResult[]> {
  const { payloads, unreadable } = await loadPayloads(directory);
  const unread = unreadable.map(({ source, reason }): ConformanceResult => ({
    source,
    kind: '?',
    outcome: 'unreadable',
    note: reason,
    findings: [],
    dated: [],
    assumed: [],
  }));
  return [...(await checkConformance(payloads)), ...unread];
}

/** Stages each payload's situation, lets the network make the request, and compares. */
export async function checkConformance(
  payloads: readonly RecordedPayload[],
): Promise<ConformanceResult[]> {
  const results: ConformanceResult[] = [];
  for (const payload of payloads) results.push(await checkOne(payload));
  return results;
}

async function checkOne(payload: RecordedPayload): Promise<ConformanceResult> {
  const situation = readSituation(payload);
  const assumed = Object.keys(situation.assumptions);
  const base = { source: payload.source, kind: payload.kind, findings: [], dated: [], assumed };
  const stage = STAGES[situation.kind];
  if (!stage)
    return { ...base, outcome: 'unknownKind', note: `known are ${Object.keys(STAGES).join(', ')}` };
  try {
    const lab = new Laboratory(situation);
    await stage(lab);
    await lab.clock.quiesce();
    if (lab.defects.length > 0)
      return { ...base, outcome: 'notStaged', note: `defect: ${lab.defects.join('; ')}` };
    const simulated = lab.observed;
    if (!simulated)
      return {
        ...base,
        outcome: 'notSent',
        note: 'the situation was staged and the network made no such request',
      };
    const findings = compare(payload, simulated, situation.standIns);
    const dated = payload.partial ? [] : simulated.withheld;
    return {
      ...base,
      outcome: findings.length === 0 ? 'conforms' : 'differs',
      note: null,
      findings,
      dated,
    };
  } catch (error) {
    // One payload that cannot be staged says nothing about the others.
    const reason = error instanceof CannotStage ? error.message : String(error);
    return { ...base, outcome: 'notStaged', note: reason };
  }
}

/** For people: one line a payload, one a finding, and a sum. */
export function describeResults(results: readonly ConformanceResult[]): string {
  const lines = results.flatMap((result) => [
    `${result.outcome === 'conforms' ? 'ok  ' : 'FAIL'} ${result.source}  ${result.kind}${result.outcome === 'conforms' ? '' : `  ${result.outcome}`}${result.note === null ? '' : `: ${result.note}`}`,
    ...result.findings.map(
      ({ problem, field, recorded, simulated }) =>
        `       ${problem} ${field}: recorded ${show(recorded)}, simulated ${show(simulated)}`,
    ),
    ...(result.dated.length === 0
      ? []
      : [`       (not sent, as in the recording: ${result.dated.join(', ')})`]),
    ...(result.assumed.length === 0
      ? []
      : [`       (assumed, as in the recording: ${result.assumed.join(', ')})`]),
  ]);
  const conforming = results.filter(({ outcome }) => outcome === 'conforms').length;
  return [...lines, `${conforming} of ${results.length} payloads conform`].join('\n');
}

function show(value: string | null): string {
  return value === null ? 'nothing' : JSON.stringify(value);
}
