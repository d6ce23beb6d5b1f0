import type { Network, RestOutcome } from '../simulator/network.ts';
import type { Leg } from '../simulator/leg.ts';
import type { VirtualClock } from '../simulator/virtual-clock.ts';
import type { RestExchange, RestRequest } from '../twilio/telephony.ts';

export interface RestHooks {
  /** A call is about to be placed. */
  placing(): void;
  /** A call was placed, whatever the server will hear of it. */
  placed(leg: Leg): void;
  /** Whether the line to Twilio is cut: nothing leaves. */
  isCut(): boolean;
}

/** REST from the server to the simulated network, on the virtual clock: the SDK's own client with its time limit. */
export function restLine(network: Network, clock: VirtualClock, hooks: RestHooks): RestExchange {
  return (request, timeoutMs) =>
    new Promise((resolve, reject) => {
      if (hooks.isCut()) {
        reject(failure('ECONNREFUSED', 'no line to Twilio'));
        return;
      }
      if (isCreate(request)) hooks.placing();
      const timer = clock.setTimeout(
        () => reject(failure('ECONNABORTED', `no answer in ${timeoutMs} ms`)),
        timeoutMs,
      );
      const settle = (outcome: RestOutcome): void => {
        if (outcome.kind === 'hang') return;
        clock.clearTimeout(timer);
        if (outcome.kind === 'reset') reject(failure('ECONNRESET', 'the connection broke'));
        else resolve(outcome.response);
      };
      const before = network.exchange.newest;
      const asked = network.request(request);
      const { newest } = network.exchange;
      if (newest && newest !== before) hooks.placed(newest);
      void asked.then(settle);
    });
}

const isCreate = ({ method, target }: RestRequest): boolean =>
  method === 'POST' && target.endsWith('/Calls.json');

const failure = (code: string, message: string): Error =>
  Object.assign(new Error(message), { code });
