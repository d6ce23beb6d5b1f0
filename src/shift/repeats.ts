import type { SessionHost } from '../dialer/session-host.ts';
import type { TwimlPlan } from '../domain/twiml-plan.ts';
import type { WebhookRequest } from '../domain/webhook.ts';

/** Repeats come within 15 s (connection overrides: total time), those of ours within 14. */
const REPEATS_KEPT = 4096;
/** What is said where nothing is known may become something else when more is. */
const SAFE_WORDS = /cannot be completed|session has ended/;
const SAFE_PLANS: ReadonlySet<TwimlPlan['plan']> = new Set(['unavailable', 'goodbye']);

/** Everything of a session that a replay brings back, as one text. */
export const stateOf = (host: SessionHost): string => JSON.stringify(host.state);

/** S8 A request that is made again gets the same bytes, and leaves its session as it was: states are compared whole. */
export class Repeats {
  readonly #broken: (detail: string) => void;
  readonly #documents = new Map<string, string>();
  readonly #answered = new Map<string, true>();

  constructor(broken: (detail: string) => void) {
    this.#broken = broken;
  }

  /** The document that a path was answered with. `life`: gates are in memory only, so a new one asks the caller again. */
  replied(target: string, callSid: string, document: string, life: number): void {
    if (!/\/\d+$/.test(target) || SAFE_WORDS.test(document)) return;
    const key = `${target} ${callSid} ${target.includes('/consume/') ? life : ''}`;
    const before = this.#documents.get(key);
    if (before !== undefined && before !== document) {
      this.#broken(`${target} was answered ${before}, and then ${document}`);
    }
    if (before === undefined) keep(this.#documents, key, document);
  }

  /** The request is durable, and this was said. */
  answered(request: WebhookRequest, { plan }: TwimlPlan): void {
    const key = keyOf(request);
    if (key !== null && !SAFE_PLANS.has(plan)) keep(this.#answered, key, true);
  }

  /** Asked just before a request reaches its session; what it returns, just after. */
  asking(request: WebhookRequest, hostOf: () => SessionHost | null): () => void {
    const key = keyOf(request);
    if (key === null || !this.#answered.has(key)) return noRepeat;
    const host = hostOf();
    if (!host) return noRepeat;
    const before = stateOf(host);
    return () => {
      if (stateOf(host) !== before) this.#broken(`${key} came again and changed its session`);
    };
  }
}

const noRepeat = (): void => {};

/** What makes a request single-use; null where nothing does, and for gates, which no journal holds. */
function keyOf(request: WebhookRequest): string | null {
  if (!('step' in request) || request.kind === 'codeKeyed') return null;
  const id = 'callId' in request ? request.callId : request.sessionId;
  return `${request.kind} ${id} ${request.sid} ${request.step}`;
}

function keep<Value>(kept: Map<string, Value>, key: string, value: Value): void {
  kept.set(key, value);
  if (kept.size <= REPEATS_KEPT) return;
  const oldest = kept.keys().next();
  if (!oldest.done) kept.delete(oldest.value);
}
