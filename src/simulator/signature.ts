import { createHmac } from 'node:crypto';
import { withoutFragment } from './webhook-wire.ts';

/**
 * The value of X-Twilio-Signature: the URL as requested (query included, fragment not), then every form field sorted by
 * name, name and value written one after the other, keyed with the account's auth token. A GET has no form fields.
 * Source: Twilio's "Validating requests"; vectors in the tests.
 */
export function signature(
  authToken: string,
  url: string,
  fields: readonly (readonly [string, string])[],
): string {
  const parts = [url];
  for (const [name, value] of fields.toSorted(byName)) parts.push(name, value);
  return createHmac('sha1', authToken).update(parts.join(''), 'utf8').digest('base64');
}

/** The part of a URL that is signed: no user info, no fragment, and no port if it is https. */
export function signedUrl(url: string): string {
  const requested = withoutFragment(url);
  const match = /^(https?:\/\/)(?:[^/?#@]*@)?([^/?#]*)(.*)$/is.exec(requested);
  if (!match) return requested;
  const [, scheme, authority, rest] = match as unknown as [string, string, string, string];
  const host = scheme.toLowerCase() === 'https://' ? authority.replace(/:\d+$/, '') : authority;
  return `${scheme}${host}${rest}`;
}

// Code-unit order, not a locale's: the receiver sorts bytes.
function byName(a: readonly [string, string], b: readonly [string, string]): number {
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1;
  if (a[1] === b[1]) return 0;
  return a[1] < b[1] ? -1 : 1;
}
