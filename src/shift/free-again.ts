import type { SessionHost } from '../dialer/session-host.ts';
import type { CallId, SessionId } from '../domain/ids.ts';
import type { SessionView } from '../domain/session-view.ts';
import type { Broken } from './judge.ts';

/** From the end of a talk, as it is known, to the wrap-up on her page. */
const WRAPS_UP_WITHIN_MS = 1000;
/** Lines are free at once, on a shift: a call that waits for one for so long will wait for ever. */
const CALLS_WITHIN_MS = 60_000;

/** L4 The end of a talk is a wrap-up on her page at once; her word on it frees her at once; then phones are called. */
export class FreeAgain {
  readonly #broken: Broken;
  readonly #now: () => number;
  /** Talks whose end was told, and that her page does not show as over. */
  readonly #owed = new Map<SessionId, { callId: CallId; at: number }>();
  /** When her page showed the wrap-up of a talk. */
  readonly #since = new Map<CallId, number>();

  constructor(broken: Broken, now: () => number) {
    this.#broken = broken;
    this.#now = now;
  }

  /** A process that is killed tells no page anything any more. */
  forgetOwed(): void {
    this.#owed.clear();
  }

  talkEnded(sessionId: SessionId, callId: CallId): void {
    this.#owed.set(sessionId, { callId, at: this.#now() });
  }

  viewed(sessionId: SessionId, { state, wrapUp, recent }: SessionView): void {
    if (wrapUp && !this.#since.has(wrapUp.callId)) this.#since.set(wrapUp.callId, this.#now());
    const owed = this.#owed.get(sessionId);
    if (!owed) return;
    const { callId } = owed;
    const isSettled = recent.some((call) => call.callId === callId && call.disposition !== null);
    const isShown = state === 'completed' || wrapUp?.callId === callId || isSettled;
    this.L4_aTalkThatIsOverIsWrappedUp();
    if (isShown) this.#owed.delete(sessionId);
  }

  L4_aTalkThatIsOverIsWrappedUp(): void {
    for (const [sessionId, { callId, at }] of this.#owed) {
      if (this.#now() - at <= WRAPS_UP_WITHIN_MS) continue;
      this.#broken('L4', `the talk of ${callId} is over, and her page shows none of it`, sessionId);
    }
  }

  /** Where nothing was lost or late, that is a second after the bridge has truly ended. */
  L4_theEndOfABridgeIsSeen(callId: CallId, endedAt: number, sessionId: SessionId | null): void {
    const lateMs = (this.#since.get(callId) ?? endedAt) - endedAt;
    if (lateMs <= WRAPS_UP_WITHIN_MS) return;
    this.#broken('L4', `the talk of ${callId} was over ${lateMs} ms before its wrap-up`, sessionId);
  }

  /** Her word on a talk was acknowledged a moment ago. */
  L4_aDispositionFreesHer({ sessionId, snapshot }: SessionHost, callId: CallId): void {
    const { wrapUp, winner } = snapshot.context;
    if (wrapUp?.callId === callId) {
      this.#broken('L4', `she has disposed of ${callId} and still owes it`, sessionId);
    }
    const isReady = snapshot.matches({ consumerConnected: 'ready' }) && winner === null;
    if (isReady && !snapshot.can({ type: 'agent.callLeads' })) {
      this.#broken('L4', `she has disposed of ${callId} and may not call`, sessionId);
    }
  }

  /** `quietMs`: for how long server, line and disk have been well. */
  L4_whoIsToBeCalledIsCalled(host: SessionHost, quietMs: number): void {
    for (const callId of host.snapshot.context.open) {
      if (!host.call(callId)?.matches('idle')) continue;
      const waitsMs = Math.min(this.#now() - host.since(callId), quietMs);
      if (waitsMs <= CALLS_WITHIN_MS) continue;
      this.#broken('L4', `${callId} waits for a line for ${waitsMs} ms`, host.sessionId);
    }
  }
}
