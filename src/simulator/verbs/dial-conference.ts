import type { TwimlElement } from '../twiml.ts';
import type { Fields } from '../webhooks.ts';
import type { Dial } from './dial.ts';

export function dialConference(_dial: Dial, _noun: TwimlElement): Promise<Fields> {
  return Promise.resolve({ DialCallStatus: 'failed' });
}
