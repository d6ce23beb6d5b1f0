import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { pino, type Logger } from 'pino';
import type { Config } from './config.ts';
import { Dialer } from './dialer/dialer.ts';
import type { DialerSettings } from './dialer/ports.ts';
import type { SessionId } from './domain/ids.ts';
import type { Lead } from './domain/lead.ts';
import { PhoneNumber } from './domain/phone-number.ts';
import { buildApp } from './http/app.ts';
import { simulatedHandset, type HandsetLine } from './http/handset.ts';
import { PageHub } from './http/page-hub.ts';
import { PageTokens } from './http/page-token.ts';
import { MemoryJournal } from './journal/memory-journal.ts';
import { demoLeads } from './leads/demo-leads.ts';
import { MemoryLeads } from './leads/memory-leads.ts';
import { realClock, secureRandom } from './real-world.ts';
import { logReports } from './reports/log-reports.ts';
import {
  serveNetwork,
  SIMULATED_ACCOUNT,
  type NetworkOptions,
  type RunningNetwork,
} from './simulator/serve.ts';
import { setVoiceUrl, twilioTelephony } from './twilio/telephony.ts';

export interface RunningServer {
  /** Where the page is. */
  url: string;
  /** Null where calls are real. */
  network: RunningNetwork | null;
  close(): Promise<void>;
}

/** What tests set differently from a configured server. */
export interface Overrides {
  logger?: Logger;
  network?: Partial<NetworkOptions>;
  dialer?: Partial<DialerSettings>;
  leads?: readonly Lead[];
  webRoot?: string;
}

const SIMULATED_NUMBER = '+13155550100';
/** Beside the compiled server: dist/web. */
const BUILT_PAGE = fileURLToPath(new URL('../web', import.meta.url));
const SIGNED_OUT_AFTER_MS = 120_000;

/** Puts the product together: store, telephony, dialer, HTTP; then listens. */
export async function startServer(
  config: Config,
  overrides: Overrides = {},
): Promise<RunningServer> {
  const logger = overrides.logger ?? logTo(config);
  const network = config.twilio ? null : await startNetwork(config, overrides.network);
  const credentials = config.twilio
    ? { ...config.twilio, apiBaseUrl: null }
    : { ...SIMULATED_ACCOUNT, apiKey: null, apiBaseUrl: network?.url ?? null };
  const number = config.twilio?.number.e164 ?? SIMULATED_NUMBER;
  // On the simulated network the base URL is known, and set, once the server listens.
  const telephonySettings = {
    publicBaseUrl: config.twilio?.publicBaseUrl ?? '',
    company: { name: config.company.name, phone: config.company.phone.e164 },
    talkLimitSeconds: config.talkLimitSeconds,
    ringSeconds: config.ringSeconds,
    number,
  };
  const report = logReports(logger);
  const hub = new PageHub();
  const leads = new MemoryLeads(overrides.leads ?? demoLeads());
  const dialer = new Dialer(
    {
      clock: realClock,
      random: secureRandom,
      journal: new MemoryJournal(),
      telephony: twilioTelephony(credentials, telephonySettings),
      leads,
      notices: hub,
      report,
    },
    { ...dialerSettings(config, number), ...overrides.dialer },
  );
  let origins: string[] = [];
  const app = await buildApp({
    logger,
    webRoot: overrides.webRoot ?? BUILT_PAGE,
    webhooks: {
      dialer,
      twiml: telephonySettings,
      accountSid: credentials.accountSid,
      authTokens: [credentials.authToken, config.twilio?.secondaryAuthToken ?? ''],
      report,
    },
    agents: {
      dialer,
      hub,
      tokens: new PageTokens(config.tokenKey),
      passphrase: config.passphrase,
      origins: () => origins,
      handset: network ? handsets(network.url, number) : null,
      leads: () =>
        leads.list().map(({ lead, state, outcome }) => ({
          leadId: lead.leadId,
          name: lead.name,
          phone: lead.phone.e164,
          columns: { ...lead.columns },
          state,
          outcome,
        })),
      now: () => realClock.now(),
    },
  });
  const close = async (): Promise<void> => {
    await app.close();
    await dialer.close();
    await network?.close();
  };
  try {
    await app.listen({ host: config.host, port: config.port });
    const { address, port } = app.server.address() as AddressInfo;
    origins = ownOrigins(config, port);
    if (network) {
      telephonySettings.publicBaseUrl = `http://${reachable(address)}:${port}`;
      await setVoiceUrl(credentials, telephonySettings);
    }
    return { url: `http://${reachable(address)}:${port}/`, network, close };
  } catch (error) {
    await close(); // What already runs would keep a process alive that has failed to start.
    throw error;
  }
}

/** Where a server that listens on this address is reached from this machine. */
function reachable(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  if (address === '::') return '[::1]';
  return address.includes(':') ? `[${address}]` : address;
}

function startNetwork(
  config: Config,
  overrides: Partial<NetworkOptions> = {},
): Promise<RunningNetwork> {
  return serveNetwork({
    numbers: [{ phoneNumber: SIMULATED_NUMBER }],
    seed: config.simulator.seed,
    port: config.simulator.port,
    callsPerSecond: config.callsPerSecond,
    ...overrides,
  });
}

function dialerSettings(config: Config, number: string): DialerSettings {
  const dialInNumber = PhoneNumber.parse(number);
  if (!dialInNumber) throw new Error('the dial-in number is not E.164');
  return {
    dialInNumber,
    lines: config.lines,
    callsPerSecond: config.callsPerSecond,
    accessCodeLifeMs: 10 * 60_000,
    detachedWithinMs: SIGNED_OUT_AFTER_MS,
    closeWithinMs: 60_000,
    createWithinMs: 20_000,
    ringAtLeastMs: config.ringAtLeastSeconds * 1000,
    ringAtMostMs: (config.ringSeconds + 20) * 1000,
    bridgeWithinMs: 1500,
    askAgainAfterMs: 15_000,
    lookUpWithinMs: 120_000,
  };
}

/** Each session gets a telephone of its own on the simulated network: 555-0150 and up. */
function handsets(networkUrl: string, dials: string): (sessionId: SessionId) => HandsetLine {
  const numbers = new Map<SessionId, string>();
  return (sessionId) => {
    const number =
      numbers.get(sessionId) ?? `+1315555${String(150 + (numbers.size % 50)).padStart(4, '0')}`;
    numbers.set(sessionId, number);
    return simulatedHandset(networkUrl, number, dials);
  };
}

function ownOrigins(config: Config, port: number): string[] {
  const hosts = new Set(['127.0.0.1', 'localhost', '[::1]', reachable(config.host)]);
  const own = [...hosts].map((host) => `http://${host}:${port}`);
  const base = config.twilio ? [new URL(config.twilio.publicBaseUrl).origin] : [];
  return [...own, ...base, ...config.pageOrigins];
}

const logTo = (config: Config): Logger => pino({ level: config.logLevel }, pino.destination(2));
