import { decisionOf, recordedDecision, type Decision } from './decisions.ts';
import type { Row } from './timeline.ts';
import type { TwimlText } from './twiml-text.ts';

export interface Answer {
  status: number;
  /** Length of the document; null where it is not known. */
  bytes: number | null;
  decision: Decision | null;
  body?: string;
  /** The application printed that it was hanging up. */
  saidHangingUp?: boolean;
}

export interface Difference {
  row: Row;
  recorded: Answer;
  ours: Answer;
}

/** How the answer of then differs from ours: in status, length, document or decision. */
export function differenceOf(row: Row, text: TwimlText, saidHangingUp: boolean): Difference | null {
  const { step } = row;
  if (step?.step !== 'webhook' || step.recorded?.answered == null || step.kind === 'agentStatus') {
    return null;
  }
  const { answered } = step.recorded;
  const document = row.plan === null ? null : text.of(row.plan);
  const ours: Answer = {
    status: document === null ? 204 : 200,
    bytes: document === null ? 0 : Buffer.byteLength(document),
    decision: decisionOf(row.plan),
  };
  const recorded: Answer = {
    status: answered.status,
    bytes: answered.bodyBytes,
    decision: saidHangingUp ? 'end' : recordedDecision(step.kind, answered),
  };
  if (saidHangingUp) recorded.saidHangingUp = true;
  const isOtherBody = answered.body !== null && answered.body !== (document ?? '');
  if (isOtherBody) {
    recorded.body = answered.body ?? '';
    ours.body = document ?? '';
  }
  const isSame =
    recorded.status === ours.status &&
    (recorded.bytes === null || recorded.bytes === ours.bytes) &&
    (recorded.decision === null || recorded.decision === ours.decision) &&
    !isOtherBody;
  return isSame ? null : { row, recorded, ours };
}
