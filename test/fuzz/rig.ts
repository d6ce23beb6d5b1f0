import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { Dialer } from '../../src/dialer/dialer.ts';
import type { CallFact, Journal, Leads, Reports, Telephony } from '../../src/dialer/ports.ts';
import type { SessionHost } from '../../src/dialer/session-host.ts';
import type { AgentId, LeadId } from '../../src/domain/ids.ts';
import type { Lead } from '../../src/domain/lead.ts';
import { buildApp } from '../../src/http/app.ts';
import { PageHub } from '../../src/http/page-hub.ts';
import { PageTokens } from '../../src/http/page-token.ts';
import { openStore } from '../../src/journal/sqlite-store.ts';
import { realClock } from '../../src/real-world.ts';
import type { TwimlSettings } from '../../src/twilio/twiml.ts';
import { CountingRandom } from '../support/counting-random.ts';
import { leadSid, number, SETTINGS } from '../support/floor.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

export const ACCOUNT_SID = `AC${'0'.repeat(31)}1`;
export const AUTH_TOKEN = 'fuzz-token';
export const ORIGIN = 'https://dialer.example.test';
export const TWIML: TwimlSettings = {
  publicBaseUrl: ORIGIN,
  company: { name: 'Fuzz & Sons', phone: '+13155550100' },
  talkLimitSeconds: 3600,
};

/** A Twilio that takes every order and knows nothing of what became of it; it remembers nothing, so memory can be measured. */
function obedientTelephony(): Telephony {
  const unknown: CallFact = { kind: 'unknown', reason: 'nobody knows' };
  return {
    placeCall: async ({ callId }) => ({ kind: 'placed', sid: leadSid(callId) }),
    endCall: async () => unknown,
    inspectCall: async () => unknown,
    findCall: async () => unknown,
    dismissConsumer: async () => unknown,
    liveCalls: async () => [],
    ensureQueue: async () => true,
    deleteQueue: async () => true,
  };
}

/** The journal of a disk that is never read again. */
const forgetfulJournal = (): Journal => ({
  append() {},
  async flush() {},
  async *read() {},
  async close() {},
});

const LEADS: readonly Lead[] = Array.from({ length: 200 }, (_, index) => ({
  leadId: `lead-${index}` as LeadId,
  name: `Lead ${index}`,
  phone: number(index),
  columns: {},
}));

/** A list that never ends and keeps no record: its leads go round. */
function endlessLeads(): Leads {
  let next = 0;
  const take = (): Lead[] => LEADS.slice(next % LEADS.length, (next++ % LEADS.length) + 1);
  return {
    reserve: async (_, count) => Array.from({ length: count }, take).flat(),
    release: async () => {},
    find: async () => [],
    reserved: async () => [],
    recordOutcome: async () => {},
    recordDisposition: async () => {},
  };
}

/** Reports that only a bug of ours makes. */
const BUGS: ReadonlySet<keyof Reports> = new Set([
  'session.failed',
  'session.rebuilt',
  'session.givenUp',
  'effect.failed',
  'journal.failed',
]);

/** The real server without a port, its dialer with one agent at work, and time that passes when the fuzzer says so. */
export interface Rig {
  app: FastifyInstance;
  dialer: Dialer;
  clock: VirtualClock;
  /** What only a bug of ours reports or logs. */
  bugs: string[];
  /** The session that is alive; signs in again after it is over. */
  session(): Promise<SessionHost>;
  /** Number of the next leg that dials in. */
  nextLeg: () => number;
  /** Where pages find it; it listens from the first time that somebody asks. */
  url(): Promise<string>;
  close(): Promise<void>;
}

export async function buildRig(): Promise<Rig> {
  const clock = new VirtualClock();
  const bugs: string[] = [];
  const hub = new PageHub(realClock);
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
  const store = await openStore(join(folder, 'store.db'), { seedLeads: LEADS });
  const report = (name: keyof Reports, details: object): void => {
    if (BUGS.has(name)) bugs.push(`${name} ${JSON.stringify(details)}`);
  };
  const dialer = new Dialer(
    {
      clock,
      random: new CountingRandom(),
      journal: forgetfulJournal(),
      telephony: obedientTelephony(),
      leads: endlessLeads(),
      notices: hub,
      report,
    },
    { ...SETTINGS, lines: 3 },
  );
  const tokens = new PageTokens('k'.repeat(43));
  const app = await buildApp({
    logger: pino({ level: 'error' }, { write: (line: string) => void bugs.push(line) }),
    webRoot: '/nowhere',
    readiness: () => 'ready',
    webhooks: {
      dialer,
      twiml: TWIML,
      accountSid: ACCOUNT_SID,
      authTokens: [AUTH_TOKEN, ''],
      report,
    },
    agents: {
      dialer,
      hub,
      book: store.book,
      tokens,
      passphrase: null,
      origins: () => [ORIGIN],
      handset: null,
      defaultCountry: 'US',
      now: () => clock.now(),
    },
  });
  await app.ready();
  const session = async (): Promise<SessionHost> => {
    const id = await dialer.signIn('grace' as AgentId, 'Grace');
    for (const host of dialer.sessions) if (host.sessionId === id) return host;
    throw new Error('nobody signed in');
  };
  let legs = 10;
  const nextLeg = (): number => ++legs;
  let listening: Promise<string> | null = null;
  const url = (): Promise<string> =>
    (listening ??= app
      .listen({ host: '127.0.0.1', port: 0 })
      .then((at) => at.replace('http', 'ws')));
  const close = async (): Promise<void> => {
    await app.close();
    await dialer.close();
    await store.close();
    rmSync(folder, { recursive: true });
  };
  return { app, dialer, clock, bugs, session, nextLeg, url, close };
}
