import type { StateValue } from 'xstate';

/** `dialing.placed.accepted` as XState writes it. */
export function leafValue(path: string): StateValue {
  const [first = '', ...rest] = path.split('.');
  return rest.length === 0 ? first : { [first]: leafValue(rest.join('.')) };
}
