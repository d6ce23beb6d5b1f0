import { validateRequest } from 'twilio/lib/webhooks/webhooks.js';
import type { Form } from './webhook-forms.ts';

/**
 * Whether Twilio signed this request: HMAC-SHA1 over the public URL and the form, with the primary or the
 * secondary auth token (twilio-docs usage/security). The URL comes from configuration and the raw target, never
 * from Host or X-Forwarded-*. Fails closed: no signature, no token or an empty token is never right.
 */
export function isSigned(
  tokens: readonly string[],
  signature: string | undefined,
  url: string,
  form: Form,
): boolean {
  if (!signature) return false;
  return tokens.some((token) => token !== '' && validateRequest(token, signature, url, form));
}
