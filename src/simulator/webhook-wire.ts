import type { RetryCause } from './connection-overrides.ts';
import { TransportError, type TransportFailure, type TransportResponse } from './transport.ts';

import type { Delivery } from './webhooks.ts';

/** How one attempt at a request ended. */
export type Attempt =
  | { readonly ok: true; readonly response: TransportResponse }
  | { readonly ok: false; readonly failure: TransportFailure; readonly message: string };

export async function attemptOf(sending: Promise<TransportResponse>): Promise<Attempt> {
  try {
    return { ok: true, response: await sending };
  } catch (error) {
    if (error instanceof TransportError)
      return { ok: false, failure: error.failure, message: error.message };
    return { ok: false, failure: 'protocol', message: String(error) };
  }
}

export function mayRetry(attempt: Attempt, retryOn: ReadonlySet<RetryCause>): boolean {
  const cause = retryCause(attempt);
  return cause !== null && (retryOn.has('all') || retryOn.has(cause));
}

function retryCause(attempt: Attempt): RetryCause | null {
  if (attempt.ok) {
    if (attempt.response.status >= 500) return '5xx';
    return attempt.response.status >= 400 ? '4xx' : null;
  }
  if (attempt.failure === 'readTimeout') return 'rt';
  const isConnecting = ['refused', 'connectTimeout', 'dns', 'tls'].includes(attempt.failure);
  return isConnecting ? 'ct' : null;
}

export function header(response: TransportResponse, name: string): string | null {
  const value = response.headers[name];
  if (value === undefined) return null;
  return typeof value === 'string' ? value : (value[0] ?? null);
}

export function hostOf(url: string): string {
  return /^https?:\/\/([^/?#]*)/i.exec(url)?.[1] ?? '';
}

export function withQuery(url: string, fields: readonly (readonly [string, string])[]): string {
  const query = new URLSearchParams(fields as [string, string][]).toString();
  return `${url}${url.includes('?') ? '&' : '?'}${query}`;
}

export function withoutFragment(url: string): string {
  const hash = url.indexOf('#');
  return hash === -1 ? url : url.slice(0, hash);
}

const USER_INFO = /^(https?:\/\/)([^/?#@]+)@/i;

export function withoutUserInfo(url: string): string {
  return url.replace(USER_INFO, '$1');
}

export function userInfo(url: string): string | null {
  const match = USER_INFO.exec(url);
  return match ? `Basic ${Buffer.from(decodeURIComponent(match[2]!)).toString('base64')}` : null;
}

/** A response as the interpreter reads it. */
export function delivered(response: TransportResponse, url: string): Delivery {
  return {
    ok: true,
    status: response.status,
    contentType: header(response, 'content-type'),
    body: response.body,
    isChunked: header(response, 'transfer-encoding') === 'chunked',
    url,
  };
}
