import { detectMachine } from './machine-detection.ts';
import type { Leg } from './leg.ts';
import type { Fields } from './webhooks.ts';
import { Interrupted } from './scope.ts';

/** Starts of the account's REST calls, spaced by its calls per second; what is over waits `queued`. */
export class CallPacer {
  readonly #now: () => number;
  readonly #callsPerSecond: () => number;
  #nextSlotAt = -Infinity;

  constructor(now: () => number, callsPerSecond: () => number) {
    this.#now = now;
    this.#callsPerSecond = callsPerSecond;
  }

  /** Takes the next slot; returns how long to wait for it. */
  admitMs(): number {
    const now = this.#now();
    const slotAt = Math.max(now, this.#nextSlotAt);
    this.#nextSlotAt = slotAt + 1000 / this.#callsPerSecond();
    return slotAt - now;
  }

  /** How long the next call would wait: beyond 24 hours the account's queue is full (22005). */
  get backlogMs(): number {
    return Math.max(0, this.#nextSlotAt - this.#now());
  }
}

/** Takes a REST call from `queued` to its first document. Never rejects. */
export async function placeCall(
  leg: Leg,
  detection: MachineDetectionOptions | null,
): Promise<void> {
  const { exchange } = leg;
  const waitMs = exchange.pacer.admitMs();
  try {
    if (waitMs > 0) await leg.life.sleep(waitMs);
    leg.queueTimeMs = Math.round(waitMs);
    leg.answered.listen(() => void onAnswer(leg, detection));
    await ringOut(leg);
  } catch (error) {
    if (!(error instanceof Interrupted)) exchange.onBug(error);
  }
}

export interface MachineDetectionOptions {
  /** `IfMachine` is the detection of before 2018, which knew human and machine. */
  readonly mode: 'Enable' | 'DetectMessageEnd' | 'IfMachine';
  readonly hangsUpOnMachine?: boolean;
  readonly isAsync: boolean;
  readonly timeoutMs: number;
  readonly callbackUrl: string | null;
  readonly callbackMethod: 'GET' | 'POST';
}

/** Rings the far end: set-up, ringing, and whatever the party makes of it. */
export async function ringOut(leg: Leg): Promise<void> {
  const { exchange } = leg;
  const { random, timings, faults } = exchange;
  const occasion = { numbers: [leg.from, leg.to] };
  try {
    await leg.life.sleep(random.within(timings.setUpMs));
    leg.startedAt = exchange.clock.now();
    leg.enter('initiated');
    leg.progress.report('initiated');
    const isInstant = faults.strikes('answer.zero', occasion) !== null;
    await leg.life.sleep(isInstant ? 0 : random.within(timings.ringDelayMs));
    if (leg.party.isReachable?.() === false) {
      leg.decline('failed', '404');
      return;
    }
    leg.enter('ringing');
    exchange.ledger.rang(leg);
    leg.progress.report('ringing');
    leg.notice('ringing');
    if (leg.isOver) return;
    if (isInstant) leg.answer();
    else ring(leg);
  } catch (error) {
    if (!(error instanceof Interrupted)) exchange.onBug(error);
  }
}

function ring(leg: Leg): void {
  const { clock } = leg.exchange;
  const timer = clock.setTimeout(() => leg.decline('no-answer', '487'), leg.ringTimeoutMs);
  const stop = (): void => clock.clearTimeout(timer);
  leg.answered.listen(stop);
  leg.ended.listen(stop);
  leg.party.rings(leg);
}

/** The answered call asks for its document, at once or when the verdict about a machine is in. */
async function onAnswer(leg: Leg, detection: MachineDetectionOptions | null): Promise<void> {
  const fields: Record<string, string> = {};
  try {
    if (detection !== null) {
      const verdict = detectMachine(leg, detection);
      if (!detection.isAsync) {
        const answeredBy = await verdict;
        if (answeredBy === null) return;
        if (answeredBy === 'machine' && detection.hangsUpOnMachine) {
          leg.hangUp('network');
          return;
        }
        fields['AnsweredBy'] = answeredBy;
      }
    }
    firstDocument(leg, fields);
  } catch (error) {
    if (!(error instanceof Interrupted)) leg.exchange.onBug(error);
  }
}

function firstDocument(leg: Leg, fields: Fields): void {
  // REST may have moved the call already, while a machine was being listened for.
  if (leg.isOver || leg.document !== null) return;
  leg.exchange.interpreter.runCall(leg, leg.instructions, 'outbound-voice-url', fields);
}
