import type { Config } from './config.ts';
import { Dialer } from './dialer/dialer.ts';
import type { DialerPorts, DialerSettings } from './dialer/ports.ts';
import { PhoneNumber } from './domain/phone-number.ts';
import type { WebhookOptions } from './http/webhooks.ts';
import { SIMULATED_ACCOUNT } from './simulator/options.ts';
import {
  twilioTelephony,
  type RestExchange,
  type TelephonySettings,
  type TwilioCredentials,
} from './twilio/telephony.ts';

export const SIMULATED_NUMBER = '+13155550100';
const SIGNED_OUT_AFTER_MS = 120_000;
/** How long a session that is over waits for the ends of its legs, once all of its creates are known. */
const CLOSED_AFTER_MS = 60_000;

/** What a dialer stands on: the real world in a server, one virtual clock in a shift. */
export interface Ground extends Omit<DialerPorts, 'telephony'> {
  /** Base of the simulated network's REST; null where calls are real. */
  networkUrl: string | null;
  /** How REST requests travel; left out, over HTTP. */
  rest?: RestExchange;
  /** What tests set differently. */
  settings?: Partial<DialerSettings>;
}

export interface AssembledDialer {
  dialer: Dialer;
  /** For the routes that Twilio asks. */
  webhooks: WebhookOptions;
  credentials: TwilioCredentials;
  /** Its URL is read at each use: on the simulated network it is only known once the server listens. */
  telephonySettings: TelephonySettings;
}

/** Puts together what a call passes through, as configured: telephony, dialer, the way in for webhooks. */
export function assembleDialer(config: Config, ground: Ground): AssembledDialer {
  const { networkUrl, rest, settings, ...ports } = ground;
  const credentials: TwilioCredentials = {
    ...(config.twilio
      ? { ...config.twilio, apiBaseUrl: null }
      : { ...SIMULATED_ACCOUNT, apiKey: null, apiBaseUrl: networkUrl }),
    ...(rest && { rest }),
  };
  const number = config.twilio?.number.e164 ?? SIMULATED_NUMBER;
  const telephonySettings = {
    publicBaseUrl: config.twilio?.publicBaseUrl ?? '',
    company: { name: config.company.name, phone: config.company.phone.e164 },
    talkLimitSeconds: config.talkLimitSeconds,
    ringSeconds: config.ringSeconds,
    number,
  };
  const dialer = new Dialer(
    { ...ports, telephony: twilioTelephony(credentials, telephonySettings) },
    { ...dialerSettings(config, number), ...settings },
  );
  const webhooks = {
    dialer,
    twiml: telephonySettings,
    accountSid: credentials.accountSid,
    authTokens: [credentials.authToken, config.twilio?.secondaryAuthToken ?? ''],
    report: ports.report,
  };
  return { dialer, webhooks, credentials, telephonySettings };
}

function dialerSettings(config: Config, number: string): DialerSettings {
  const dialInNumber = PhoneNumber.parse(number);
  if (!dialInNumber) throw new Error('the dial-in number is not E.164');
  const [createWithinMs, lookUpWithinMs] = [20_000, config.lookUpSeconds * 1000];
  return {
    dialInNumber,
    lines: config.lines,
    callsPerSecond: config.callsPerSecond,
    accessCodeLifeMs: 10 * 60_000,
    detachedWithinMs: SIGNED_OUT_AFTER_MS,
    // A session waits for what its last calls come to: a create whose reply was lost is looked for that long.
    closeWithinMs: createWithinMs + lookUpWithinMs + CLOSED_AFTER_MS,
    createWithinMs,
    ringAtLeastMs: config.ringAtLeastSeconds * 1000,
    ringAtMostMs: (config.ringSeconds + 20) * 1000,
    bridgeWithinMs: 1500,
    askAgainAfterMs: 15_000,
    lookUpWithinMs,
  };
}
