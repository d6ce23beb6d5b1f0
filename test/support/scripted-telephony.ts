import type { CallFact, LiveCall, PlaceOutcome, Telephony } from '../../src/dialer/ports.ts';
import type { CallId, CallSid, SessionId } from '../../src/domain/ids.ts';
import type { PhoneNumber } from '../../src/domain/phone-number.ts';

const SILENT: CallFact = { kind: 'unknown', reason: 'the script says nothing' };

/** Twilio's REST side as a test tells it: every create waits for its reply, everything that is asked is written down. */
export class ScriptedTelephony implements Telephony {
  /** Creates in the order in which they were sent. */
  readonly created: CallId[] = [];
  readonly ended: { sid: CallSid; how: 'cancel' | 'complete' }[] = [];
  readonly inspected: CallSid[] = [];
  readonly lookedUp: CallId[] = [];
  readonly lookedUpSince: number[] = [];
  readonly dismissed: CallSid[] = [];
  readonly queues: { asserted: SessionId[]; deleted: SessionId[] } = { asserted: [], deleted: [] };
  /** Calls of ours that REST lists as alive. */
  live: LiveCall[] = [];
  /** What REST says about a call that it is asked to end, to show or to find. */
  facts = { end: SILENT, inspect: SILENT, find: SILENT };
  readonly #replies = new Map<CallId, ((outcome: PlaceOutcome) => void)[]>();

  placeCall({ callId }: { callId: CallId; to: PhoneNumber }): Promise<PlaceOutcome> {
    this.created.push(callId);
    return new Promise((resolve) => {
      this.#replies.set(callId, [...(this.#replies.get(callId) ?? []), resolve]);
    });
  }

  /** Lets the oldest unanswered create of this call resolve. */
  reply(callId: CallId, outcome: PlaceOutcome): void {
    const resolve = this.#replies.get(callId)?.shift();
    if (!resolve) throw new Error(`no create of ${callId} is waiting for a reply`);
    resolve(outcome);
  }

  async endCall(sid: CallSid, how: 'cancel' | 'complete'): Promise<CallFact> {
    this.ended.push({ sid, how });
    return this.facts.end;
  }

  async inspectCall(sid: CallSid): Promise<CallFact> {
    this.inspected.push(sid);
    return this.facts.inspect;
  }

  async findCall({ callId, since }: { callId: CallId; since: number }): Promise<CallFact> {
    this.lookedUpSince.push(since);
    this.lookedUp.push(callId);
    return this.facts.find;
  }

  async dismissConsumer(sid: CallSid): Promise<CallFact> {
    this.dismissed.push(sid);
    return SILENT;
  }

  async liveCalls(): Promise<LiveCall[] | null> {
    return this.live;
  }

  async ensureQueue(sessionId: SessionId): Promise<boolean> {
    this.queues.asserted.push(sessionId);
    return true;
  }

  async deleteQueue(sessionId: SessionId): Promise<boolean> {
    this.queues.deleted.push(sessionId);
    return true;
  }
}
