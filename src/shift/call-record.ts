import type { CallId, SessionId } from '../domain/ids.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Leg } from '../simulator/leg.ts';
import type { LedgerBridge } from '../simulator/ledger.ts';

/** What is known of one attempt: what the network did and what the pages were told. */
export interface CallRecord {
  callId: CallId;
  sessionId: SessionId | null;
  to: string;
  sid: string | null;
  placed: number;
  /** Leg of the network, while it lives. */
  leg: Leg | null;
  endedAt: number | null;
  answered: boolean;
  handedOver: boolean;
  bridged: boolean;
  bridge: LedgerBridge | null;
  /** Whether the server was told of the bridge, by any request, before it told the outcome. */
  heardOfBridge: boolean;
  rank: number;
  /** In which life of the server the notices came; null: they did not. */
  toldAnswered: number | null;
  toldEnded: number | null;
  outcome: Outcome | null;
  /** Whether the list has its outcome. */
  isKept: boolean;
  /** As it was recorded; null where nobody talked. */
  talkMs: number | null;
  /** When the reply put the lead into the queue, and when anything came of it. */
  enqueuedAt: number | null;
  servedAt: number | null;
}

export const newCallRecord = (callId: CallId): CallRecord => ({
  callId,
  sessionId: null,
  to: '',
  sid: null,
  placed: 0,
  leg: null,
  endedAt: null,
  answered: false,
  handedOver: false,
  bridged: false,
  bridge: null,
  heardOfBridge: false,
  rank: 0,
  toldAnswered: null,
  toldEnded: null,
  outcome: null,
  isKept: false,
  talkMs: null,
  enqueuedAt: null,
  servedAt: null,
});
