import type { Exchange } from '../exchange.ts';
import { RestError } from './rest-error.ts';

/** Twilio's magic numbers: what happens when they are called, or called from, on any account here. */
const MAGIC_FROM: Readonly<Record<string, number | null>> = {
  '+15005550006': null,
  '+15005550001': 21_212,
};
const MAGIC_TO: Readonly<Record<string, number>> = {
  '+15005550001': 21_217,
  '+15005550002': 21_214,
  '+15005550003': 21_215,
  '+15005550004': 21_216,
};

/** The caller id of a call, checked: owned or verified (21210), well-formed (21212). */
export function checkFrom(exchange: Exchange, given: string | undefined): string {
  if (given === undefined || given === '') throw new RestError(21_213);
  const from = exchange.dialable(given);
  if (from === null)
    throw new RestError(21_212, `The 'From' number ${given} is not a valid phone number.`);
  const magic = Object.hasOwn(MAGIC_FROM, from) ? MAGIC_FROM[from] : undefined;
  if (typeof magic === 'number')
    throw new RestError(magic, `The 'From' number ${from} is not a valid phone number.`);
  if (magic === null || !from.startsWith('+') || exchange.numbers.has(from)) return from;
  throw new RestError(
    21_210,
    `The source phone number provided, ${from}, is not yet verified for your account. ` +
      'You may only make calls from phone numbers that you have verified or purchased.',
  );
}

export function checkDialable(exchange: Exchange, given: string | undefined, from: string): string {
  if (given === undefined || given === '') throw new RestError(21_201);
  const to = exchange.dialable(given);
  if (to === null)
    throw new RestError(21_211, `The 'To' number ${given} is not a valid phone number.`);
  if (to === from) throw new RestError(21_211, `The 'To' number ${to} is the 'From' number.`);
  const magic = Object.hasOwn(MAGIC_TO, to) ? MAGIC_TO[to] : undefined;
  if (magic !== undefined) throw new RestError(magic);
  return to;
}
