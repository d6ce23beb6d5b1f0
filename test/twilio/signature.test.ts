import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSigned } from '../../src/twilio/signature.ts';
import * as recorded from './support/recorded-forms.ts';

const TOKEN = 'auto-connect-test-token';
const HOST = 'https://auto-connect.ngrok.io/twilio-webhook';

/** Twilio's rule, written down once more: the URL, then every name and value in the order of the names. */
const sign = (token: string, url: string, form: Record<string, string>): string =>
  createHmac('sha1', token)
    .update(
      url +
        Object.keys(form)
          .toSorted()
          .map((name) => name + form[name])
          .join(''),
    )
    .digest('base64');

/** Computed outside this project's code, by the rule, over the anonymised forms. */
const VECTORS: [url: string, form: Record<string, string>, signature: string][] = [
  [`${HOST}/consume`, recorded.CONSUME, 'uJEkUoXmVlJSUbNVaygN9chDilg='],
  [`${HOST}/consume`, recorded.CODE_KEYED, '7q4BD9tA3TJaufPH/bJPjhWWydM='],
  [`${HOST}/call-status-event`, recorded.BRIDGING, 'h3vbhb2X9k/r/icLZLMqsMde2xY='],
  [`${HOST}/call-status-event`, recorded.ON_DEQUEUE, 'ktCBc8i8G0fG78EGF/H0iaeuhd0='],
  [`${HOST}/call-status-event`, recorded.COMPLETED, 'XdevN7HwooCQ5ZIIxHSRaErYQyU='],
  [
    'http://127.0.0.1:4010/enqueue?lead=7&attempt=a%2Fb',
    {
      CallSid: `CA${'1'.padStart(32, '0')}`,
      ToCity: 'São Paulo',
      to: 'x',
      To: '+5511',
      Digits: '',
    },
    'XRtgKiHFqUtiq+TYsfAV2/9n+N0=',
  ],
  ['https://example.test/enqueue?lead=7', {}, 'mNoOQ/cYHAh1mIoCwfCKVRbBOPs='],
];

test.each(VECTORS)('the signature that Twilio makes for %s is accepted', (url, form, signature) => {
  expect(isSigned([TOKEN], signature, url, form)).toBe(true);
});

test('a form that lost an empty field, a swapped route or a changed value is refused', () => {
  for (const [url, form, signature] of VECTORS) {
    const { Digits: _, ...lost } = form;
    const isWhole = Object.keys(lost).length === Object.keys(form).length;
    expect(isWhole || !isSigned([TOKEN], signature, url, lost)).toBe(true);
    expect(isSigned([TOKEN], signature, `${url}x`, form)).toBe(false);
    expect(isSigned([TOKEN], signature, url, { ...form, CallStatus: 'busy' })).toBe(false);
  }
});

test('the secondary token is accepted beside the primary one', () => {
  const url = `${HOST}/consume`;
  const signature = sign('second', url, recorded.CONSUME);
  expect(isSigned(['first', 'second'], signature, url, recorded.CONSUME)).toBe(true);
  expect(isSigned(['first'], signature, url, recorded.CONSUME)).toBe(false);
});

test('no signature, no token and an empty token are never right', () => {
  const url = `${HOST}/consume`;
  expect(isSigned([TOKEN], undefined, url, {})).toBe(false);
  expect(isSigned([TOKEN], '', url, {})).toBe(false);
  expect(isSigned([], sign(TOKEN, url, {}), url, {})).toBe(false);
  expect(isSigned([''], sign('', url, {}), url, {})).toBe(false);
});

const forms = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 12 }).filter((name) => name !== '__proto__'),
  fc.string({ maxLength: 20, unit: 'grapheme' }),
  { maxKeys: 12 },
);

test('whatever is signed by the rule is accepted, and nothing signed by another token is', () => {
  fc.assert(
    fc.property(forms, fc.webPath(), (form, path) => {
      const url = `https://example.test${path}`;
      expect(isSigned([TOKEN], sign(TOKEN, url, form), url, form)).toBe(true);
      expect(isSigned([TOKEN], sign('another', url, form), url, form)).toBe(false);
    }),
  );
});
