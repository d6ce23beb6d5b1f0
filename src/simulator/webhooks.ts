import type { CookieJar } from './cookie-jar.ts';
import { parseOverrides, type ConnectionOverrides } from './connection-overrides.ts';
import type { Exchange } from './exchange.ts';
import { signature, signedUrl } from './signature.ts';
import type { TransportFailure } from './transport.ts';
import {
  attemptOf,
  delivered,
  header,
  hostOf,
  mayRetry,
  userInfo,
  withoutFragment,
  withoutUserInfo,
  withQuery,
  type Attempt,
} from './webhook-wire.ts';

/** What a request asks, so that logs, faults and tests need not guess it from its fields. */
export type WebhookKind =
  | 'inbound-voice-url'
  | 'outbound-voice-url'
  | 'updated-voice-url'
  | 'redirect'
  | 'gather-action'
  | 'dial-action'
  | 'queue-url'
  | 'number-url'
  | 'enqueue-action'
  | 'enqueue-wait-url'
  | 'dequeued-member-url'
  | 'conference-wait-url'
  | 'hold-url'
  | 'announce-url'
  | 'record-action'
  | 'fallback-url'
  | 'call-status-callback'
  | 'number-status-callback'
  | 'recording-status-callback'
  | 'conference-status-callback'
  | 'amd-status-callback'
  | 'play-file';

export type HttpMethod = 'GET' | 'POST';
export type Fields = Readonly<Record<string, string>>;

export interface Webhook {
  readonly kind: WebhookKind;
  readonly url: string;
  readonly method: HttpMethod;
  readonly fields: Fields;
  readonly callSid: string | null;
  readonly cookies: CookieJar | null;
  /** URL of the document the leg is executing, where Twilio tells it. */
  readonly referer: string | null;
  /** The numbers at both ends, for faults that single out a call. */
  readonly numbers: readonly string[];
  /** The idempotency token, where two sendings are to share one. */
  readonly token?: string;
  /** Later than usual by so much. */
  readonly delayMs?: number;
}

/** A response, whatever its status; or why there is none, in Twilio's codes. */
export type Delivery =
  | {
      readonly ok: true;
      readonly status: number;
      readonly contentType: string | null;
      readonly body: string;
      readonly isChunked: boolean;
      /** After redirects. */
      readonly url: string;
    }
  | { readonly ok: false; readonly code: number; readonly message: string };

/** One attempt, as kept for `GET /control/requests`. */
export interface RequestRecord {
  readonly id: number;
  readonly at: number;
  readonly kind: WebhookKind;
  readonly method: HttpMethod;
  readonly url: string;
  readonly params: Fields;
  /** Fields not sent because the network was told to be of an earlier year. */
  readonly withheld: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly callSid: string | null;
  readonly attempt: number;
  /** Null while in flight, and when no response came; then `error` says why. */
  responseStatus: number | null;
  responseBodyLength: number | null;
  responseBody: string | null;
  error: string | null;
}

const REDIRECTS_MAX = 10;
const STATUS_KINDS: ReadonlySet<WebhookKind> = new Set([
  'call-status-callback',
  'number-status-callback',
  'recording-status-callback',
  'conference-status-callback',
  'amd-status-callback',
]);

const FAILURE_CODES: Readonly<Record<TransportFailure, number>> = {
  refused: 11_202,
  connectTimeout: 11_201,
  readTimeout: 11_200,
  reset: 11_205,
  dns: 11_210,
  tls: 11_220,
  protocol: 11_206,
};

interface Delivering {
  readonly webhook: Webhook;
  readonly overrides: ConnectionOverrides;
  readonly token: string;
  readonly deadline: number;
}

/** Makes the network's HTTP requests: signs, times, retries, follows redirects, and keeps a record of each. */
export class Webhooks {
  readonly requests: RequestRecord[] = [];
  readonly #exchange: Exchange;
  #count = 0;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** Attempts so far: what the benchmark counts. */
  get count(): number {
    return this.#count;
  }

  /** Never rejects. */
  async send(webhook: Webhook): Promise<Delivery> {
    const { clock, random, timings, faults } = this.#exchange;
    if (!URL.canParse(webhook.url) || !/^https?:/i.test(webhook.url)) {
      return { ok: false, code: 11_100, message: `not an absolute http(s) URL: ${webhook.url}` };
    }
    const parsed = parseOverrides(webhook.url);
    if (!parsed.ok) return parsed;
    await this.#pause(random.within(timings.webhookMs) + (webhook.delayMs ?? 0));
    if (faults.strikes('twilio.outage')) return { ok: false, code: 11_200, message: 'outage' };
    const { overrides } = parsed;
    const deadline = clock.now() + overrides.totalTimeoutMs;
    const delivering = { webhook, overrides, token: webhook.token ?? random.uuid(), deadline };
    if (!STATUS_KINDS.has(webhook.kind) && faults.strikes('twiml.retry', occasionOf(webhook))) {
      await this.#attempt(delivering, withoutFragment(webhook.url), webhook.method, 0);
    }
    return this.#followRedirects(delivering);
  }

  async #followRedirects(delivering: Delivering): Promise<Delivery> {
    let url = withoutFragment(delivering.webhook.url);
    let method = delivering.webhook.method;
    for (let hop = 0; hop <= REDIRECTS_MAX; hop += 1) {
      const attempt = await this.#attemptWithRetries(delivering, url, method, hop > 0);
      if (!attempt.ok)
        return { ok: false, code: FAILURE_CODES[attempt.failure], message: attempt.message };
      const { response } = attempt;
      const location = header(response, 'location');
      if (response.status < 300 || response.status > 399 || location === null)
        return delivered(response, url);
      url = withoutFragment(new URL(location, url).href);
      method = 'GET';
    }
    return { ok: false, code: 11_215, message: `more than ${REDIRECTS_MAX} redirects` };
  }

  async #attemptWithRetries(
    delivering: Delivering,
    url: string,
    method: HttpMethod,
    isRedirected: boolean,
  ): Promise<Attempt> {
    const { overrides, deadline } = delivering;
    for (let tries = 0; ; tries += 1) {
      const attempt = await this.#attempt(delivering, url, method, tries, isRedirected);
      const isLast = tries >= overrides.retries || this.#exchange.clock.now() >= deadline;
      if (isLast || !mayRetry(attempt, overrides.retryOn)) return attempt;
    }
  }

  async #attempt(
    delivering: Delivering,
    url: string,
    method: HttpMethod,
    tries: number,
    isRedirected = false,
  ): Promise<Attempt> {
    const { webhook } = delivering;
    let attempt = await this.#attemptOnce(delivering, url, method, tries, isRedirected, null);
    // The credentials in a URL are shown only to a server that asks for them.
    const credentials = userInfo(url);
    if (attempt.ok && attempt.response.status === 401 && credentials !== null) {
      attempt = await this.#attemptOnce(delivering, url, method, tries, isRedirected, credentials);
    }
    if (attempt.ok) {
      webhook.cookies?.store(
        url,
        attempt.response.headers['set-cookie'],
        this.#exchange.clock.now(),
      );
    }
    return attempt;
  }

  async #attemptOnce(
    delivering: Delivering,
    url: string,
    method: HttpMethod,
    tries: number,
    isRedirected: boolean,
    credentials: string | null,
  ): Promise<Attempt> {
    const { webhook, overrides, token, deadline } = delivering;
    const { clock, random } = this.#exchange;
    const fields = isRedirected ? [] : random.shuffle(this.#sentFields(webhook));
    const target = method === 'GET' && fields.length > 0 ? withQuery(url, fields) : url;
    const posted = method === 'POST' ? fields : [];
    const requestUrl = withoutUserInfo(target);
    const headers = this.#headers(webhook, method, requestUrl, target, posted, token);
    if (credentials !== null) headers['Authorization'] = credentials;
    const record = this.#record(webhook, method, target, headers, tries);
    const left = Math.max(1, deadline - clock.now());
    const attempt = await this.#exchangeOnTheWire(
      {
        method,
        ...this.#throughProxy(requestUrl, headers),
        fields: posted,
        body: () => new URLSearchParams(posted).toString(),
        connectTimeoutMs: Math.min(overrides.connectTimeoutMs, left),
        readTimeoutMs: Math.min(overrides.readTimeoutMs, left),
      },
      webhook,
      left,
    );
    if (attempt.ok) {
      record.responseStatus = attempt.response.status;
      record.responseBodyLength = Buffer.byteLength(attempt.response.body);
      record.responseBody = attempt.response.body;
    } else {
      record.error = `${attempt.failure}: ${attempt.message}`;
    }
    this.#exchange.onRequest(record);
    return attempt;
  }

  #sentFields({ fields }: Webhook): [string, string][] {
    const { withheldFields } = this.#exchange;
    const names = Object.keys(fields).filter((name) => !withheldFields.has(name));
    return names.map((name) => [name, fields[name]!]);
  }

  #headers(
    webhook: Webhook,
    method: HttpMethod,
    requestUrl: string,
    target: string,
    posted: readonly (readonly [string, string])[],
    token: string,
  ): Record<string, string> {
    const { authToken, faults, clock } = this.#exchange;
    const rotated = faults.strikes('auth.rotate');
    const headers: Record<string, string> = {
      Host: hostOf(requestUrl),
      'User-Agent': 'TwilioProxy/1.1',
      Accept: '*/*',
      'Cache-Control': 'max-age=259200',
      'X-Home-Region': 'us1',
      'X-Twilio-Signature': signature(
        rotated ? String(rotated.value ?? 'rotated-token') : authToken,
        signedUrl(target),
        posted,
      ),
      'I-Twilio-Idempotency-Token': token,
    };
    if (method === 'POST')
      headers['Content-Type'] = 'application/x-www-form-urlencoded; charset=UTF-8';
    if (webhook.referer !== null) headers['Referer'] = webhook.referer;
    const cookie = webhook.cookies?.header(requestUrl, clock.now()) ?? null;
    if (cookie !== null) headers['Cookie'] = cookie;
    return headers;
  }

  /** The wire itself, with what can happen on it, and the time limit. */
  #exchangeOnTheWire(
    request: Parameters<Exchange['transport']>[0],
    webhook: Webhook,
    limitMs: number,
  ): Promise<Attempt> {
    const { clock, faults, transport } = this.#exchange;
    const down = faults.strikes('server.down', occasionOf(webhook));
    if (down) {
      const status = Number(down.value);
      const attempt: Attempt = Number.isInteger(status)
        ? { ok: true, response: { status, headers: {}, body: '' } }
        : { ok: false, failure: 'refused', message: 'connection refused' };
      return Promise.resolve(attempt);
    }
    const isTwiml = !STATUS_KINDS.has(webhook.kind);
    const slowMs = isTwiml ? faults.delayMs('twiml.slow', occasionOf(webhook), 16_000) : 0;
    const isReplyLost = isTwiml && faults.strikes('twiml.replyLost', occasionOf(webhook)) !== null;
    const reply = attemptOf(transport(request));
    if (this.#exchange.holdsClock) clock.hold?.(reply);
    return new Promise((resolve) => {
      const timer = clock.setTimeout(
        () =>
          resolve({ ok: false, failure: 'readTimeout', message: `no response in ${limitMs} ms` }),
        Math.min(limitMs, request.connectTimeoutMs + request.readTimeoutMs),
      );
      if (isReplyLost) return;
      const finish = (attempt: Attempt): void => {
        clock.clearTimeout(timer);
        resolve(attempt);
      };
      const deliver = (attempt: Attempt): void => {
        if (slowMs > 0) clock.setTimeout(() => finish(attempt), slowMs);
        else finish(attempt);
      };
      void reply.then(deliver);
    });
  }

  /** A proxy in front of the application may alter what was signed. */
  #throughProxy(
    url: string,
    headers: Record<string, string>,
  ): { url: string; headers: Record<string, string> } {
    const rule = this.#exchange.faults.strikes('proxy.rewrite', { url });
    if (!rule) return { url, headers };
    if (rule.value === 'host') return { url, headers: { ...headers, Host: 'rewritten.invalid' } };
    if (rule.value === 'query')
      return { url: `${url}${url.includes('?') ? '&' : '?'}via=proxy`, headers };
    return { url: url.replace(/(https?:\/\/[^/]+)/, '$1/rewritten'), headers };
  }

  #record(
    webhook: Webhook,
    method: HttpMethod,
    url: string,
    headers: Readonly<Record<string, string>>,
    tries: number,
  ): RequestRecord {
    const record: RequestRecord = {
      id: ++this.#count,
      at: this.#exchange.clock.now(),
      kind: webhook.kind,
      method,
      url,
      params:
        this.#exchange.withheldFields.size === 0
          ? webhook.fields
          : Object.fromEntries(this.#sentFields(webhook)),
      withheld:
        this.#exchange.withheldFields.size === 0
          ? []
          : Object.keys(webhook.fields).filter((name) => this.#exchange.withheldFields.has(name)),
      headers,
      callSid: webhook.callSid,
      attempt: tries,
      responseStatus: null,
      responseBodyLength: null,
      responseBody: null,
      error: null,
    };
    this.requests.push(record);
    const { requestsKept } = this.#exchange;
    const { length } = this.requests;
    if (length > requestsKept) this.requests.splice(0, length - Math.floor(requestsKept / 2));
    return record;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (ms > 0) this.#exchange.clock.setTimeout(resolve, ms);
      else resolve();
    });
  }
}

function occasionOf(webhook: Webhook): { numbers: readonly string[]; url: string } {
  return { numbers: webhook.numbers, url: webhook.url };
}
