import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { pino, type Logger } from 'pino';
import type { Config } from './config.ts';
import { assembleDialer, SIMULATED_NUMBER } from './assembly.ts';
import type { Dialer } from './dialer/dialer.ts';
import type { DialerSettings } from './dialer/ports.ts';
import type { SessionHost } from './dialer/session-host.ts';
import { topState } from './dialer/view.ts';
import type { SessionId } from './domain/ids.ts';
import type { Lead } from './domain/lead.ts';
import type { CallState, SessionState } from './domain/session-view.ts';
import { buildApp } from './http/app.ts';
import { simulatedHandset, type HandsetLine } from './http/handset.ts';
import { PageHub } from './http/page-hub.ts';
import { PageTokens } from './http/page-token.ts';
import type { Recordings } from './http/recordings-api.ts';
import type { Store } from './journal/sqlite-store.ts';
import { realClock, secureRandom } from './real-world.ts';
import { inReplayThread } from './replay/replay-thread.ts';
import { logReports } from './reports/log-reports.ts';
import { Metrics, type LiveSession } from './reports/metrics.ts';
import { serveNetwork, type NetworkOptions, type RunningNetwork } from './simulator/serve.ts';
import { setVoiceUrl, voiceUrls } from './twilio/telephony.ts';
import { FloorWatch } from './watch/floor-watch.ts';

/** Beside the compiled server: dist/web. */
const BUILT_PAGE = fileURLToPath(new URL('../web', import.meta.url));

/** What tests set differently from a configured server. */
export interface Overrides {
  logger?: Logger;
  network?: Partial<NetworkOptions>;
  dialer?: Partial<DialerSettings>;
  leads?: readonly Lead[];
  webRoot?: string;
}

/** Builds the parts; `listening` tells them where they are, and resolves when the server may be asked. */
export async function assemble(
  config: Config,
  overrides: Overrides,
  store: Store,
  network: RunningNetwork | null,
) {
  const logger = overrides.logger ?? logTo(config);
  const live: { dialer: Dialer | null } = { dialer: null };
  const metrics = new Metrics(() => [...(live.dialer?.sessions ?? [])].map(liveSession));
  const networkUrl = network?.url ?? config.simulator.url;
  const watch = new FloorWatch(() => realClock.now());
  const hub = new PageHub(realClock);
  const { dialer, webhooks, credentials, telephonySettings } = assembleDialer(config, {
    clock: realClock,
    random: secureRandom,
    journal: watch.tap(store.journal),
    leads: store.leads,
    notices: hub,
    report: metrics.counting(watch.listen(logReports(logger))),
    networkUrl,
    settings: overrides.dialer ?? {},
  });
  watch.follow(dialer);
  live.dialer = dialer;
  const tokens = new PageTokens(store.tokenKey);
  let isReady = false;
  let origins: string[] = [];
  const app = await buildApp({
    logger,
    webRoot: overrides.webRoot ?? BUILT_PAGE,
    readiness: () => {
      if (!isReady) return 'starting';
      return dialer.trouble === null ? 'ready' : 'journalUnwritable';
    },
    webhooks: {
      ...webhooks,
      onAnswered: (route, status, tookMs) => metrics.webhookAnswered(route, status, tookMs),
    },
    metrics: { metrics, token: config.metricsToken },
    recordings: recordingsOf(store, config.storePath),
    agents: {
      dialer,
      hub,
      book: store.book,
      tokens,
      passphrase: config.passphrase,
      origins: () => origins,
      handset: config.twilio || !networkUrl ? null : handsets(networkUrl, SIMULATED_NUMBER),
      defaultCountry: config.defaultCountry,
      now: () => realClock.now(),
    },
    isInspected: config.isInspected,
    charts: {
      watch,
      tokens,
      isLive: (sessionId) => dialer.isLive(sessionId),
      origins: () => origins,
      now: () => realClock.now(),
    },
  });
  const listening = async (host: string, port: number): Promise<void> => {
    origins = ownOrigins(config, host, port);
    if (!config.twilio) {
      telephonySettings.publicBaseUrl = `http://${host}:${port}`;
      if (network) {
        const phoneNumber = SIMULATED_NUMBER;
        network.network.addNumber({ phoneNumber, ...voiceUrls(telephonySettings) });
      } else await setVoiceUrl(credentials, telephonySettings);
    }
    await dialer.recover();
    isReady = true;
  };
  return { app, dialer, metrics, listening };
}

/** What the store has written so far, and files that pages drop. */
function recordingsOf({ journal }: Store, storePath: string): Recordings {
  return {
    async export(session, call) {
      await journal.flush();
      const selection = call === null ? { session } : { session, call };
      const done = await inReplayThread({ kind: 'export', storePath, selection });
      return 'text' in done ? done.text : null;
    },
    async replay(name, bytes) {
      const done = await inReplayThread({ kind: 'replay', name, bytes });
      return 'text' in done ? { verdict: done.text } : { unreadable: done.refused };
    },
  };
}

function liveSession(host: SessionHost): LiveSession {
  const { value, context } = host.snapshot;
  const calls = context.open.flatMap((callId) => host.call(callId)?.value ?? []);
  return { state: topState(value) as SessionState, calls: calls.map(topState) as CallState[] };
}

/** Where a server that listens on this address is reached from this machine. */
export function reachable(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  if (address === '::') return '[::1]';
  return address.includes(':') ? `[${address}]` : address;
}

/** The simulated network, unless calls are real or it runs elsewhere. */
export async function startNetwork(
  config: Config,
  overrides: Partial<NetworkOptions> = {},
): Promise<RunningNetwork | null> {
  if (config.twilio || config.simulator.url) return null;
  return serveNetwork({
    numbers: [], // Ours is added when it is known where the server is.
    seed: config.simulator.seed,
    port: config.simulator.port,
    callsPerSecond: config.callsPerSecond,
    ...overrides,
  });
}

/** Where the simulated telephones of agents are: 555-0150 to 555-0199 in each area, kept free for fiction. */
const HANDSET_AREAS = ['315', '212', '312', '415', '206', '617', '713', '303', '404', '602'];
const HANDSETS_PER_AREA = 50;

/** Each session has a telephone of its own, the same again after a restart, because a call may be on it. */
function handsets(networkUrl: string, dials: string): (sessionId: SessionId) => HandsetLine {
  const owners = new Map<string, SessionId>();
  const total = HANDSET_AREAS.length * HANDSETS_PER_AREA;
  const numberAt = (place: number): string => {
    const area = HANDSET_AREAS[Math.floor(place / HANDSETS_PER_AREA)] ?? '315';
    return `+1${area}55501${50 + (place % HANDSETS_PER_AREA)}`;
  };
  return (sessionId) => {
    let place = crc32(sessionId) % total;
    for (let tries = 0; tries < total; tries++) {
      const owner = owners.get(numberAt(place));
      if (owner === undefined || owner === sessionId) break;
      place = (place + 1) % total;
    }
    owners.set(numberAt(place), sessionId);
    return simulatedHandset(networkUrl, numberAt(place), dials);
  };
}

function ownOrigins(config: Config, host: string, port: number): string[] {
  const isEverywhere = ['0.0.0.0', '::'].includes(config.host);
  const others = isEverywhere ? Object.values(networkInterfaces()).flat() : [];
  const hosts = new Set(['127.0.0.1', 'localhost', '[::1]', host]);
  for (const other of others) if (other) hosts.add(reachable(other.address));
  const own = [...hosts].map((name) => `http://${name}:${port}`);
  const base = config.twilio ? [new URL(config.twilio.publicBaseUrl).origin] : [];
  return [...own, ...base, ...config.pageOrigins];
}

const logTo = (config: Config): Logger => pino({ level: config.logLevel }, pino.destination(2));
