import { rfc2822 } from './dates.ts';
import type { Leg } from './leg.ts';
import { fieldsOf } from './webhook-fields.ts';
import type { Fields, HttpMethod, Webhook } from './webhooks.ts';

export type ProgressEvent = 'initiated' | 'ringing' | 'answered' | 'completed';
export const PROGRESS_EVENTS: readonly ProgressEvent[] = [
  'initiated',
  'ringing',
  'answered',
  'completed',
];

/** Who wants to know how a call fares. */
export interface Subscription {
  readonly url: string;
  readonly method: HttpMethod;
  readonly events: ReadonlySet<ProgressEvent>;
}

/**
 * The status callbacks of one call. `SequenceNumber` counts what was sent to this subscription, not the states the call
 * passed through: with the default, `completed` only, the one event has number 0.
 */
export class CallProgress {
  readonly #leg: Leg;
  subscription: Subscription | null;
  #sequence = 0;

  constructor(leg: Leg, subscription: Subscription | null) {
    this.#leg = leg;
    this.subscription = subscription;
  }

  report(event: ProgressEvent): void {
    const subscription = this.subscription;
    if (!subscription?.events.has(event)) return;
    const leg = this.#leg;
    const { clock, stirStatus } = leg.exchange;
    const isSigned = stirStatus !== null && (event === 'ringing' || event === 'answered');
    const fields = fieldsOf(leg, {
      CallbackSource: 'call-progress-events',
      Timestamp: rfc2822(clock.now()),
      SequenceNumber: String(this.#sequence++),
      ...(isSigned && { StirStatus: stirStatus }),
      ...(leg.answeredBy !== null && { AnsweredBy: leg.answeredBy }),
      ...(event === 'completed' && this.#ending()),
    });
    const overtakenMs =
      event === 'answered' && leg.exchange.faults.strikes('url.beforeAnswered', about(leg))
        ? 1000
        : 0;
    void this.#deliver(subscription, fields, overtakenMs);
  }

  #ending(): Fields {
    const leg = this.#leg;
    const seconds = leg.durationSeconds;
    const fields: Record<string, string> = {
      CallDuration: String(seconds),
      Duration: String(billedMinutes(seconds)),
      ...leg.recordingFields,
    };
    const { faults } = leg.exchange;
    if (leg.sipResponseCode !== null && !faults.strikes('status.noSipCode', about(leg))) {
      const is487 = leg.status === 'busy' && faults.strikes('status.busy487', about(leg)) !== null;
      fields['SipResponseCode'] = is487 ? '487' : leg.sipResponseCode;
    }
    return fields;
  }

  async #deliver(subscription: Subscription, fields: Fields, overtakenMs: number): Promise<void> {
    const leg = this.#leg;
    const { faults, webhooks, debuggerLog } = leg.exchange;
    const occasion = { ...about(leg), url: subscription.url };
    if (faults.strikes('status.drop', occasion)) return;
    const delayMs =
      overtakenMs +
      faults.delayMs('status.delay', occasion, 5000) +
      (faults.strikes('status.reorder', occasion) ? 3000 : 0);
    const webhook: Webhook = {
      kind: leg.direction === 'outbound-dial' ? 'number-status-callback' : 'call-status-callback',
      url: subscription.url,
      method: subscription.method,
      fields,
      callSid: leg.sid,
      cookies: leg.cookies,
      referer: null,
      numbers: about(leg).numbers,
      token: leg.exchange.random.uuid(),
      delayMs,
    };
    if (faults.strikes('status.dup', occasion))
      void webhooks.send({ ...webhook, delayMs: delayMs + 500 });
    const delivery = await webhooks.send(webhook);
    // The answer is never executed; a bad one is only worth a warning.
    if (!delivery.ok)
      debuggerLog.write(delivery.code, delivery.message, {
        callSid: leg.sid,
        url: subscription.url,
      });
    else if (delivery.status >= 400) {
      const message = `status callback answered ${delivery.status}; wanted is 204, or 200 with TwiML`;
      debuggerLog.write(15_003, message, { callSid: leg.sid, url: subscription.url });
    }
  }
}

/** `Duration` is in minutes as billed, begun ones whole; `CallDuration` is in seconds. */
export function billedMinutes(seconds: number): number {
  return Math.ceil(seconds / 60);
}

function about(leg: Leg): { numbers: readonly string[] } {
  return { numbers: [leg.from, leg.to] };
}
