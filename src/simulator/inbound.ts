import type { AccountNumber, Exchange } from './exchange.ts';
import type { Handset } from './handset.ts';
import { Leg, type Instructions } from './leg.ts';
import type { Application } from './options.ts';
import type { DialOptions } from './people.ts';
import type { Subscription } from './call-progress.ts';

/** A telephone calls one of the account's numbers, or a client calls a TwiML App. */
export function inboundCall(
  exchange: Exchange,
  handset: Handset,
  to: string,
  options: DialOptions,
): Leg {
  return handset.number.startsWith('client:')
    ? clientCall(exchange, handset, to, options)
    : phoneCall(exchange, handset, to, options);
}

function phoneCall(exchange: Exchange, handset: Handset, to: string, options: DialOptions): Leg {
  const dialed = exchange.numbers.has(to) ? to : (exchange.dialable(to) ?? to);
  const number = exchange.numbers.get(dialed);
  // A number's application overrides its own URLs.
  const owner = exchange.applications.get(number?.applicationSid ?? '') ?? number;
  const leg = new Leg(exchange, {
    direction: 'inbound',
    from: handset.number,
    to: dialed,
    party: handset,
    ...(owner && { instructions: instructionsOf(owner) }),
    subscription: owner ? subscriptionOf(owner) : null,
    phoneNumberSid: number?.sid ?? null,
    callerName: number?.callerNameLookup ? (options.callerName ?? '') : null,
    extraFields: {
      ...(number?.applicationSid !== undefined && { ApplicationSid: number.applicationSid }),
      ...options.extraFields,
    },
  });
  return begin(leg);
}

/** `To` and `Called` are empty, unless the client itself sends a parameter `To`; that one reaches `To` alone. */
function clientCall(exchange: Exchange, handset: Handset, to: string, options: DialOptions): Leg {
  const application = findApplication(exchange, options.applicationSid);
  const leg = new Leg(exchange, {
    direction: 'inbound',
    from: handset.number,
    to: '',
    party: handset,
    ...(application && { instructions: instructionsOf(application) }),
    subscription: application ? subscriptionOf(application) : null,
    extraFields: {
      ...(application && { ApplicationSid: application.sid }),
      ...options.extraFields,
      ...(to !== '' && { To: to }),
    },
  });
  // The client's own parameters come with the first request only.
  return begin(leg, options.params);
}

function begin(leg: Leg, params: Readonly<Record<string, string>> = {}): Leg {
  const { exchange } = leg;
  leg.startedAt = exchange.clock.now();
  leg.enter('ringing');
  exchange.ledger.rang(leg);
  if (leg.instructions.url === null) {
    leg.hear('note', 'This number is not in service.');
    leg.decline('failed', '404');
    return leg;
  }
  leg.hear('ringback', 'ringing');
  leg.notice('ringing');
  exchange.interpreter.runCall(leg, leg.instructions, 'inbound-voice-url', params);
  return leg;
}

function findApplication(exchange: Exchange, sid: string | undefined): Application | undefined {
  if (sid !== undefined) return exchange.applications.get(sid);
  return exchange.applications.values().next().value;
}

function instructionsOf(owner: Application | AccountNumber): Instructions {
  return {
    url: owner.voiceUrl ?? null,
    method: owner.voiceMethod ?? 'POST',
    twiml: null,
    fallbackUrl: owner.voiceFallbackUrl ?? null,
    fallbackMethod: owner.voiceFallbackMethod ?? 'POST',
  };
}

/** The number's own status callback is requested once, at the end. */
function subscriptionOf(owner: {
  statusCallback?: string;
  statusCallbackMethod?: 'GET' | 'POST';
}): Subscription | null {
  if (owner.statusCallback === undefined) return null;
  return {
    url: owner.statusCallback,
    method: owner.statusCallbackMethod ?? 'POST',
    events: new Set(['completed']),
  };
}
