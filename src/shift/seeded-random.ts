import type { Random as DialerRandom } from '../dialer/ports.ts';
import type { Random } from '../simulator/random.ts';

/** The server's dice, thrown from the seed. */
export const seededRandom = (random: Random): DialerRandom => ({
  id: () => Buffer.from(random.hex(), 'hex').toString('base64url'),
  accessCode: () => random.int(0, 999_999),
});
