import type { Exchange } from './exchange.ts';
import type { Leg } from './leg.ts';

const DURATION_MS_UNKNOWN = 3000;
/** 8 kHz, 16 bit, mono: what a telephone can carry, and a fair guess for everything else. */
const BYTES_PER_MS = 16;

/** Fetches the files that documents play, once each, to learn that they are there and about how long they last. */
export class Audio {
  readonly #exchange: Exchange;
  readonly #known = new Map<string, number | null>();

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** Null when it cannot be played: the verb is skipped, the debugger says why. */
  async durationMs(url: string, leg: Leg): Promise<number | null> {
    const known = this.#known.get(url);
    if (known !== undefined) return known;
    const duration = this.#exchange.fetchesAudio
      ? await this.#fetch(url, leg)
      : DURATION_MS_UNKNOWN;
    this.#known.set(url, duration);
    return duration;
  }

  async #fetch(url: string, leg: Leg): Promise<number | null> {
    const { webhooks, debuggerLog } = this.#exchange;
    const delivery = await webhooks.send({
      kind: 'play-file',
      url,
      method: 'GET',
      fields: {},
      callSid: leg.sid,
      cookies: leg.cookies,
      referer: null,
      numbers: [leg.from, leg.to],
    });
    const about = { callSid: leg.sid, url };
    if (!delivery.ok) {
      debuggerLog.write(delivery.code, delivery.message, about);
      return null;
    }
    if (delivery.status >= 400) {
      debuggerLog.write(11_200, `HTTP status ${delivery.status}`, about);
      return null;
    }
    if (!delivery.contentType?.startsWith('audio/')) {
      debuggerLog.write(
        13_420,
        `Content-Type ${delivery.contentType ?? 'none'} is not audio`,
        about,
      );
      return null;
    }
    return Math.max(100, Math.round(delivery.body.length / BYTES_PER_MS));
  }
}
