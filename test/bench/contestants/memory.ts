import { setImmediate as nextTick } from 'node:timers/promises';
import { createActor } from 'xstate';
import type { AgentSessionInput } from '../../../machines/agent-session.ts';
import type { DialerSettings, Journal, Telephony } from '../../../src/dialer/ports.ts';
import type { SessionEvent } from '../../../src/domain/events.ts';
import type { AgentId, CallId, CallSid, LeadId, SessionId } from '../../../src/domain/ids.ts';
import type { Lead } from '../../../src/domain/lead.ts';
import { built } from '../built.ts';
import { contest, givenArgument } from '../contestant.ts';
import { sid } from '../traffic.ts';

/** Heap per session: the charts' actors by themselves, and all that a dialer keeps. Started with --expose-gc. */
export interface HeapPerSession {
  idleBytes: number;
  dialingBytes: number;
}

const { Dialer } = await built<typeof import('../../../src/dialer/dialer.ts')>('dialer/dialer');
const { composeSession } =
  await built<typeof import('../../../src/dialer/compose.ts')>('dialer/compose');
const { JournalClock } =
  await built<typeof import('../../../src/dialer/journal-clock.ts')>('dialer/journal-clock');
const { PhoneNumber } =
  await built<typeof import('../../../src/domain/phone-number.ts')>('domain/phone-number');
const { realClock, secureRandom } =
  await built<typeof import('../../../src/real-world.ts')>('real-world');

const DAY_MS = 86_400_000;
const LINES = 3;
const { kind, sessions } = givenArgument() as { kind: 'actors' | 'dialer'; sessions: number };

const number = PhoneNumber.parse('+13155550100');
if (!number) throw new Error('not a number of fiction');

const callLimits = {
  createWithinMs: DAY_MS,
  ringAtLeastMs: 0,
  ringAtMostMs: DAY_MS,
  bridgeWithinMs: DAY_MS,
  askAgainAfterMs: DAY_MS,
  lookUpWithinMs: DAY_MS,
};
const settings: DialerSettings = {
  ...callLimits,
  dialInNumber: number,
  lines: LINES,
  callsPerSecond: Infinity,
  accessCodeLifeMs: DAY_MS,
  detachedWithinMs: DAY_MS,
  closeWithinMs: DAY_MS,
};

async function heapBytes(): Promise<number> {
  for (let turn = 0; turn < 5; turn++) {
    await nextTick();
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}

/** One array of leads that everybody shares: what they take is the list's, not the sessions'. */
const someLead: Lead = { leadId: 'lead' as LeadId, name: 'Lead', phone: number, columns: {} };

async function measure(
  idle: (index: number) => unknown,
  dial: (index: number) => unknown,
): Promise<HeapPerSession> {
  const before = await heapBytes();
  for (let index = 0; index < sessions; index++) await idle(index);
  const afterIdle = await heapBytes();
  for (let index = 0; index < sessions; index++) await dial(index);
  const afterDialing = await heapBytes();
  return {
    idleBytes: (afterIdle - before) / sessions,
    dialingBytes: (afterDialing - before) / sessions,
  };
}

const callIds = (index: number): CallId[] =>
  Array.from({ length: LINES }, (_, line) =>
    String(index * LINES + line).padStart(22, '0'),
  ) as CallId[];

function actorsAlone(): Promise<HeapPerSession> {
  const machine = composeSession({ take: () => {} });
  const actors: { send: (event: SessionEvent) => void }[] = [];
  const idle = (index: number): void => {
    const input: AgentSessionInput = {
      sessionId: String(index).padStart(22, '0') as SessionId,
      agentId: `agent-${index}` as AgentId,
      lines: LINES,
      detachedWithinMs: DAY_MS,
      closeWithinMs: DAY_MS,
      callLimits,
    };
    actors.push(createActor(machine, { clock: new JournalClock(), input }).start());
  };
  const dial = (index: number): void => {
    const actor = actors[index];
    const ids = callIds(index);
    actor?.send({ type: 'consumer.connected', sid: sid('a', index) as CallSid });
    actor?.send({ type: 'agent.callLeads' });
    const calls = ids.map((callId) => ({ callId, leadId: `lead-${callId}` as LeadId }));
    actor?.send({ type: 'leads.reserved', asked: LINES, calls });
    for (const callId of ids) {
      const own = sid('b', Number(callId)) as CallSid;
      actor?.send({ type: 'call.deliver', callId, event: { type: 'twilio.requested' } });
      actor?.send({ type: 'call.deliver', callId, event: { type: 'twilio.created', sid: own } });
    }
  };
  return measure(idle, dial);
}

const forgetful: Journal = {
  append: () => {},
  flush: async () => {},
  async *read() {},
  close: async () => {},
};
const telephony: Telephony = {
  placeCall: async ({ callId }) => ({
    kind: 'placed',
    sid: `CA${Buffer.from(callId, 'base64url').toString('hex').padStart(32, '0')}` as CallSid,
  }),
  endCall: async () => ({ kind: 'unknown', reason: '' }),
  inspectCall: async () => ({ kind: 'unknown', reason: '' }),
  findCall: async () => ({ kind: 'unknown', reason: '' }),
  dismissConsumer: async () => ({ kind: 'unknown', reason: '' }),
  ensureQueue: async () => true,
  deleteQueue: async () => true,
  liveCalls: async () => [],
};

async function wholeDialer(): Promise<HeapPerSession> {
  let leads = 0;
  const dialer = new Dialer(
    {
      clock: realClock,
      random: secureRandom,
      journal: forgetful,
      telephony,
      leads: {
        reserve: async (_sessionId, count) =>
          Array.from({ length: count }, () => ({
            ...someLead,
            leadId: `lead-${leads++}` as LeadId,
          })),
        release: async () => {},
        find: async () => [],
        reserved: async () => [],
        recordOutcome: async () => {},
        recordDisposition: async () => {},
      },
      notices: { publish: () => {} },
      report: () => {},
    },
    settings,
  );
  const ids: SessionId[] = [];
  const idle = async (index: number): Promise<void> => {
    ids.push(await dialer.signIn(`agent-${index}` as AgentId, `agent-${index}`));
  };
  const dial = async (index: number): Promise<void> => {
    const sessionId = ids[index] as SessionId;
    const own = sid('a', index) as CallSid;
    while (!dialer.view(sessionId)?.dialIn.accessCode) await nextTick();
    const digits = dialer.view(sessionId)?.dialIn.accessCode ?? '';
    await dialer.webhook({ kind: 'consume', sid: own });
    await dialer.webhook({ kind: 'codeKeyed', sid: own, step: 1, digits });
    await dialer.command(sessionId, { type: 'agent.callLeads' });
    const isOut = (): boolean =>
      dialer.view(sessionId)?.calls.filter((call) => call.phase === 'placed').length === LINES;
    while (!isOut()) await nextTick();
  };
  return measure(idle, dial);
}

contest(null, { heap: () => (kind === 'actors' ? actorsAlone() : wholeDialer()) });
