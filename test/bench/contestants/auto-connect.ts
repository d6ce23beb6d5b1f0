import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import type { CallSid, AgentId, CallId, LeadId, SessionId } from '../../../src/domain/ids.ts';
import type { Lead } from '../../../src/domain/lead.ts';
import type { CallFact, DialerSettings, Notice, Telephony } from '../../../src/dialer/ports.ts';
import { built } from '../built.ts';
import { contest, givenArgument } from '../contestant.ts';
import { ACCOUNT_SID, AUTH_TOKEN, PUBLIC_BASE_URL, sid, type BenchSession } from '../traffic.ts';

/** The real app with the real store: only Twilio's REST side is a stand-in, which places every call at once. */
export interface Given {
  storePath: string;
  /** Agents whose phones wait and who have dialed; their calls ring, the first one has answered. */
  sessions: number;
  lines: number;
  /** Leads that a fresh store begins with. */
  leads: number;
}
export interface Ready {
  port: number;
  sessions: BenchSession[];
}

const { buildApp } = await built<typeof import('../../../src/http/app.ts')>('http/app');
const { PageHub } = await built<typeof import('../../../src/http/page-hub.ts')>('http/page-hub');
const { PageTokens } =
  await built<typeof import('../../../src/http/page-token.ts')>('http/page-token');
const { Dialer } = await built<typeof import('../../../src/dialer/dialer.ts')>('dialer/dialer');
const { openStore } =
  await built<typeof import('../../../src/journal/sqlite-store.ts')>('journal/sqlite-store');
const { logReports } =
  await built<typeof import('../../../src/reports/log-reports.ts')>('reports/log-reports');
const { Metrics } =
  await built<typeof import('../../../src/reports/metrics.ts')>('reports/metrics');
const { realClock, secureRandom } =
  await built<typeof import('../../../src/real-world.ts')>('real-world');
const { FloorWatch } =
  await built<typeof import('../../../src/watch/floor-watch.ts')>('watch/floor-watch');
const { PhoneNumber } =
  await built<typeof import('../../../src/domain/phone-number.ts')>('domain/phone-number');

const DAY_MS = 86_400_000;
const given = givenArgument() as Given;

const phone = (text: string) => {
  const parsed = PhoneNumber.parse(text);
  if (!parsed) throw new Error('not a number of fiction');
  return parsed;
};
const leads = Array.from({ length: given.leads }, (_, index): Lead => ({
  leadId: `lead-${index}` as LeadId,
  name: `Lead ${index}`,
  phone: phone(`+1212555${String(100 + (index % 100)).padStart(4, '0')}`),
  columns: { company: 'Example', city: 'New York' },
}));

/** The driver can tell a call's SID from its id. */
const sidOf = (callId: CallId): CallSid =>
  `CA${Buffer.from(callId, 'base64url').toString('hex').padStart(32, '0')}` as CallSid;

const nothing: CallFact = { kind: 'unknown', reason: 'a benchmark' };
const telephony: Telephony = {
  placeCall: async ({ callId }) => ({ kind: 'placed', sid: sidOf(callId) }),
  endCall: async () => nothing,
  inspectCall: async () => nothing,
  findCall: async () => nothing,
  dismissConsumer: async () => nothing,
  ensureQueue: async () => true,
  deleteQueue: async () => true,
  liveCalls: async () => [],
};

/** Nothing times out, so that the sessions stay as they were set up. */
const settings: DialerSettings = {
  dialInNumber: phone('+13155550100'),
  lines: given.lines,
  callsPerSecond: Infinity,
  accessCodeLifeMs: DAY_MS,
  detachedWithinMs: DAY_MS,
  closeWithinMs: DAY_MS,
  createWithinMs: DAY_MS,
  ringAtLeastMs: DAY_MS,
  ringAtMostMs: DAY_MS,
  bridgeWithinMs: DAY_MS,
  askAgainAfterMs: DAY_MS,
  lookUpWithinMs: DAY_MS,
};

const logger = pino({ level: 'info' }, pino.destination('/dev/null'));
const metrics = new Metrics(() => []);
const store = await openStore(given.storePath, {
  seedLeads: leads,
  onCommit: (commit) => metrics.committed(commit),
});
const watch = new FloorWatch(() => realClock.now());
const log = metrics.counting(watch.listen(logReports(logger)));
const tokens = new PageTokens(store.tokenKey);
const hub = new PageHub(realClock);
const dialer = new Dialer(
  {
    clock: realClock,
    random: secureRandom,
    journal: watch.tap(store.journal),
    telephony,
    leads: store.leads,
    notices: hub,
    report: log,
  },
  settings,
);
watch.follow(dialer);
const origins: string[] = [];
const twiml = {
  publicBaseUrl: PUBLIC_BASE_URL,
  company: { name: 'Example', phone: '+13155550100' },
  talkLimitSeconds: 3600,
};
const app = await buildApp({
  logger,
  webRoot: '/nowhere',
  readiness: () => 'ready',
  webhooks: {
    dialer,
    twiml,
    accountSid: ACCOUNT_SID,
    authTokens: [AUTH_TOKEN],
    report: log,
    onAnswered: (route, status, tookMs) => metrics.webhookAnswered(route, status, tookMs),
  },
  metrics: { metrics, token: null },
  agents: {
    dialer,
    hub,
    tokens,
    passphrase: null,
    origins: () => origins,
    handset: null,
    book: store.book,
    defaultCountry: 'US',
    now: () => realClock.now(),
    floorEveryMs: 0,
  },
  charts: {
    watch,
    tokens,
    isLive: (sessionId) => dialer.isLive(sessionId),
    origins: () => origins,
    now: () => realClock.now(),
  },
});
await app.listen({ host: '127.0.0.1', port: 0 });
const { port } = app.server.address() as AddressInfo;
origins.push(`http://127.0.0.1:${port}`);
await dialer.recover();

/** Seldom enough that hundreds who ask at once are not what the set-up takes. */
const askAgain = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));

async function connect(index: number): Promise<{ sessionId: SessionId; consumerSid: CallSid }> {
  const agent = `agent-${index}`;
  const sessionId = await dialer.signIn(agent as AgentId, agent);
  const consumerSid = sid('a', index) as CallSid;
  await dialer.webhook({ kind: 'consume', sid: consumerSid });
  while (!dialer.view(sessionId)?.dialIn.accessCode) await askAgain();
  const digits = dialer.view(sessionId)?.dialIn.accessCode ?? '';
  await dialer.webhook({ kind: 'codeKeyed', sid: consumerSid, step: 1, digits });
  return { sessionId, consumerSid };
}

async function staff(index: number): Promise<BenchSession> {
  const { sessionId, consumerSid } = await connect(index);
  const open = () => dialer.view(sessionId)?.calls ?? [];
  await dialer.command(sessionId, { type: 'agent.callLeads' });
  const isOut = (): boolean =>
    open().filter((call) => call.phase === 'placed').length === given.lines;
  while (!isOut()) await askAgain();
  const calls = open().map(({ callId }) => ({ callId, sid: sidOf(callId) }));
  const report = { sequence: null, durationSeconds: null };
  for (const call of calls) {
    await dialer.webhook({ kind: 'callStatus', ...call, status: 'ringing', ...report });
  }
  const [first] = calls;
  if (first) await dialer.webhook({ kind: 'enqueue', ...first, step: 1, answeredBy: null });
  if (dialer.view(sessionId)?.state !== 'queued') throw new Error('the lead was not queued');
  return { sessionId, consumerSid, calls };
}

async function inGroups<T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  while (made.length < count) {
    const size = Math.min(500, count - made.length);
    const from = made.length;
    made.push(...(await Promise.all(Array.from({ length: size }, (_, at) => make(from + at)))));
  }
  return made;
}

const ready: Ready = { port, sessions: await inGroups(given.sessions, staff) };
contest(ready, {
  /** One agent more, her phone connected and not calling. */
  connect: ({ index }: { index: number }) => connect(index),
  /** One notice to every session's page; the stamp is when it left, on the clock that all processes share. */
  views: ({ sessionIds }: { sessionIds: SessionId[] }) => {
    for (const sessionId of sessionIds) hub.publish(sessionId, notice(sessionId));
  },
  /** As a turn of any session does: everybody who watches the floor is shown it. */
  floor: () => hub.onTurn(),
  close: async () => {
    await dialer.close();
    await app.close();
    await store.close();
  },
});

function notice(sessionId: SessionId): Notice {
  const view = dialer.view(sessionId);
  if (!view) throw new Error('nobody is there');
  return { type: 'view', view: { ...view, since: Date.now() } };
}
