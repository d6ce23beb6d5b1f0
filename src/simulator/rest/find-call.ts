import type { Leg } from '../leg.ts';
import type { RestCall } from './resource.ts';
import { RestError } from './rest-error.ts';

/** The call that a path names; 20404 if there is none. */
export function findCall(call: RestCall): Leg {
  const leg = call.exchange.legs.get(call.path[0]!);
  if (!leg) throw new RestError(20_404, `The requested resource ${call.pathname} was not found`);
  return leg;
}
