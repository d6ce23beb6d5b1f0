// A scene writes a file and asserts nothing: what it must replay to is accepted and tested in test/replay.
/* oxlint-disable vitest/expect-expect */
import { test } from 'vitest';
import type { PersonScript } from '../../../src/simulator/person.ts';
import type { AgentClient } from '../../support/agent-client.ts';
import { dialIn } from '../../support/product.ts';
import { Recorder } from './recorder.ts';

const RINGS_MS = 60;
const patient: PersonScript = {
  answers: 'person',
  answerAfterMs: RINGS_MS,
  talkMs: 60_000,
  hangsUpAfterMs: 60_000,
};
const slow: PersonScript = { ...patient, answerAfterMs: 30_000 };
const busy: PersonScript = { answers: 'busy', answerAfterMs: RINGS_MS };

type Overrides = Parameters<typeof Recorder.start>[1];

/** A recorder and an agent whose phone is connected. */
async function connected(
  people: PersonScript[],
  overrides: Overrides = {},
): Promise<[Recorder, AgentClient]> {
  const recorder = await Recorder.start(people, overrides);
  const agent = await recorder.signIn('Grace');
  await dialIn(agent);
  return [recorder, agent];
}

const call = (recorder: Recorder, agent: AgentClient) =>
  recorder.command(agent, { type: 'agent.callLeads' });

const ringing = (agent: AgentClient): number =>
  agent.view?.calls.filter(({ phase }) => phase === 'ringing').length ?? 0;

async function talking(
  people: PersonScript[],
  overrides: Overrides = {},
): Promise<[Recorder, AgentClient]> {
  const [recorder, agent] = await connected(people, overrides);
  await call(recorder, agent);
  await agent.untilState('bridged');
  return [recorder, agent];
}

async function dispose(recorder: Recorder, agent: AgentClient): Promise<void> {
  const callId = agent.view?.wrapUp?.callId ?? '';
  const disposition = 'interested';
  await recorder.command(agent, { type: 'agent.dispose', callId, disposition, notes: '' });
}

test('busy-lead', async () => {
  const [recorder, agent] = await connected([busy]);
  await call(recorder, agent);
  await agent.until('the list to be finished', () => agent.noticesOf('list.finished').length > 0);
  await recorder.write('busy-lead');
});

test('no-answer', async () => {
  const [recorder, agent] = await connected([{ answers: 'rejects', answerAfterMs: RINGS_MS }]);
  await call(recorder, agent);
  await agent.until('the list to be finished', () => agent.noticesOf('list.finished').length > 0);
  await recorder.write('no-answer');
});

test('unreachable-lead', async () => {
  const [recorder, agent] = await connected([{ answers: 'unreachable' }]);
  await call(recorder, agent);
  await agent.until('the list to be finished', () => agent.noticesOf('list.finished').length > 0);
  await recorder.write('unreachable-lead');
});

test('lead-hangs-up', async () => {
  const [recorder, agent] = await talking([{ ...patient, talkMs: 200, hangsUpAfterMs: 400 }]);
  await agent.untilState('consumerConnected', 'wrappingUp');
  await dispose(recorder, agent);
  await recorder.write('lead-hangs-up');
});

test('agent-hangs-up', async () => {
  const [recorder, agent] = await talking([patient]);
  await recorder.command(agent, { type: 'agent.hangUp' });
  await agent.untilState('consumerConnected', 'wrappingUp');
  await dispose(recorder, agent);
  await recorder.write('agent-hangs-up');
});

test('two-talks-on-one-phone-call', async () => {
  const [recorder, agent] = await talking([patient, patient], { env: { LINES: '1' } });
  await recorder.command(agent, { type: 'agent.hangUp' });
  await agent.untilState('consumerConnected', 'wrappingUp');
  await dispose(recorder, agent);
  await agent.untilState('consumerConnected', 'ready');
  await call(recorder, agent);
  await agent.untilState('bridged');
  await recorder.command(agent, { type: 'agent.hangUp' });
  await agent.untilState('consumerConnected', 'wrappingUp');
  await recorder.write('two-talks-on-one-phone-call');
});

test('agent-leaves-in-the-talk', async () => {
  const [recorder, agent] = await talking([patient]);
  await agent.request('handset.hangUp', {});
  await agent.untilState('idle', 'wrappingUp');
  await dispose(recorder, agent);
  await recorder.write('agent-leaves-in-the-talk');
});

test('agent-leaves-when-ready', async () => {
  const [recorder, agent] = await connected([patient]);
  await agent.request('handset.hangUp', {});
  await agent.untilState('idle');
  await recorder.write('agent-leaves-when-ready');
});

test('agent-leaves-while-dialing', async () => {
  const [recorder, agent] = await connected([slow, slow]);
  await call(recorder, agent);
  await agent.until('both phones to ring', () => ringing(agent) === 2);
  await agent.request('handset.hangUp', {});
  await agent.untilState('idle');
  await recorder.write('agent-leaves-while-dialing');
});

test('agent-leaves-while-a-lead-is-queued', async () => {
  const [recorder, agent] = await connected([patient]);
  recorder.faults().set('whisper.delay', { value: 3000 });
  await call(recorder, agent);
  await agent.untilState('queued');
  await agent.request('handset.hangUp', {});
  await agent.untilState('idle');
  await recorder.write('agent-leaves-while-a-lead-is-queued');
});

test('agent-leaves-while-wrapping-up', async () => {
  const [recorder, agent] = await talking([{ ...patient, talkMs: 100, hangsUpAfterMs: 200 }]);
  await agent.untilState('consumerConnected', 'wrappingUp');
  await recorder.answered('/stop-consuming/');
  await agent.request('handset.hangUp', {});
  await agent.untilState('idle', 'wrappingUp');
  await recorder.write('agent-leaves-while-wrapping-up');
});

test('agent-signs-out-in-the-talk', async () => {
  const [recorder, agent] = await talking([patient]);
  await recorder.command(agent, { type: 'agent.signOut' });
  await recorder.write('agent-signs-out-in-the-talk');
});

test('agent-pauses-while-dialing', async () => {
  const [recorder, agent] = await connected([slow, slow]);
  await call(recorder, agent);
  await agent.until('both phones to ring', () => ringing(agent) === 2);
  await recorder.command(agent, { type: 'agent.pause' });
  await agent.untilState('consumerConnected', 'paused');
  await recorder.write('agent-pauses-while-dialing');
});

test('webhook-before-rest-reply', async () => {
  const [recorder, agent] = await connected([patient]);
  recorder.faults().set('create.delay', { value: 1500 });
  await call(recorder, agent);
  await agent.untilState('bridged');
  await recorder.command(agent, { type: 'agent.hangUp' });
  await agent.untilState('consumerConnected', 'wrappingUp');
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await recorder.write('webhook-before-rest-reply');
});

test('create-reply-lost', async () => {
  const [recorder, agent] = await connected([{ ...patient, answerAfterMs: 300 }]);
  recorder.faults().next('create.replyLost');
  await call(recorder, agent);
  await agent.untilState('bridged');
  await recorder.command(agent, { type: 'agent.hangUp' });
  await agent.untilState('consumerConnected', 'wrappingUp');
  await recorder.write('create-reply-lost');
});

test('number-refused', async () => {
  const [recorder, agent] = await connected([patient]);
  recorder.faults().next('create.error', { value: 21211 });
  await call(recorder, agent);
  await agent.until('the list to be finished', () => agent.noticesOf('list.finished').length > 0);
  await recorder.write('number-refused');
});

test('every-status-twice', async () => {
  const [recorder, agent] = await connected([{ ...patient, talkMs: 200, hangsUpAfterMs: 400 }]);
  recorder.faults().set('status.dup', {});
  recorder.faults().set('twiml.retry', {});
  await call(recorder, agent);
  await agent.untilState('bridged');
  await agent.untilState('consumerConnected', 'wrappingUp');
  await recorder.write('every-status-twice');
});

test('status-out-of-order', async () => {
  const [recorder, agent] = await connected([{ ...patient, talkMs: 200, hangsUpAfterMs: 400 }]);
  // "ringing" comes after "in-progress".
  recorder.faults().set('status.delay', { after: 1, times: 1, value: 100 });
  await call(recorder, agent);
  await agent.untilState('bridged');
  await agent.untilState('consumerConnected', 'wrappingUp');
  await recorder.write('status-out-of-order');
});

test('late-loser', async () => {
  // The second call is placed 10 ms after the first and answered 1 ms after it: no request of ours can be faster.
  const later = { ...patient, answerAfterMs: RINGS_MS - 9 };
  const [recorder, agent] = await connected([patient, later]);
  await call(recorder, agent);
  await agent.untilState('bridged');
  await agent.until('the loser to end', () => (agent.view?.recent.length ?? 0) > 0);
  await recorder.command(agent, { type: 'agent.hangUp' });
  await agent.untilState('consumerConnected', 'wrappingUp');
  await recorder.write('late-loser');
});

test('lead-leaves-the-queue', async () => {
  const impatient = { ...patient, hangsUpAfterMs: 400 };
  const [recorder, agent] = await connected([impatient]);
  recorder.faults().set('whisper.delay', { value: 2000 });
  await call(recorder, agent);
  await agent.until('the call to end', () => (agent.view?.recent.length ?? 0) > 0);
  await recorder.write('lead-leaves-the-queue');
});

test('lead-leaves-in-the-whisper', async () => {
  const [recorder, agent] = await connected([{ ...patient, hangsUpAt: 'whisper' }]);
  await call(recorder, agent);
  await agent.until('the call to end', () => (agent.view?.recent.length ?? 0) > 0);
  await recorder.write('lead-leaves-in-the-whisper');
});

test('hand-over-too-slow', async () => {
  const [recorder, agent] = await connected([patient]);
  recorder.faults().set('whisper.delay', { value: 4000 });
  await call(recorder, agent);
  await agent.untilState('bridged');
  await recorder.command(agent, { type: 'agent.hangUp' });
  await agent.untilState('consumerConnected', 'wrappingUp');
  await recorder.write('hand-over-too-slow');
});

test('three-wrong-codes', async () => {
  const recorder = await Recorder.start([patient]);
  const agent = await recorder.signIn('Grace');
  const wrong = agent.view?.dialIn.accessCode === '111111' ? '222222' : '111111';
  await agent.request('handset.dial', {});
  const heard = (words: string) =>
    agent.handset?.heard.filter((line) => line.text.includes(words)).length ?? 0;
  for (const times of [1, 2, 3]) {
    await agent.until('the prompt', () => heard('Enter your access code.') >= times);
    await agent.request('handset.press', { digits: wrong });
    await agent.until('the refusal', () => heard('did not work') >= times);
  }
  await recorder.write('three-wrong-codes');
});

test('used-code-again', async () => {
  const recorder = await Recorder.start([patient]);
  const agent = await recorder.signIn('Grace');
  const code = agent.view?.dialIn.accessCode ?? '';
  await dialIn(agent);
  const other = recorder.product.network.network.people.handset('+13155550188');
  other.dial('+13155550100');
  const heard = (words: string) => other.view().heard.some((line) => line.text.includes(words));
  while (!heard('Enter your access code.')) await new Promise((resolve) => setTimeout(resolve, 20));
  other.press(code);
  while (!heard('did not work')) await new Promise((resolve) => setTimeout(resolve, 20));
  other.hangUp();
  await recorder.write('used-code-again');
});

test('two-agents', async () => {
  const talk = { ...patient, talkMs: 400, hangsUpAfterMs: 600 };
  const recorder = await Recorder.start([talk, busy, talk, talk], { env: { LINES: '2' } });
  const [grace, ada] = [await recorder.signIn('Grace'), await recorder.signIn('Ada')];
  await Promise.all([dialIn(grace), dialIn(ada)]);
  await Promise.all([call(recorder, grace), call(recorder, ada)]);
  for (const agent of [grace, ada]) {
    const ended = () => agent.noticesOf('call.ended').some(({ outcome }) => outcome === 'talked');
    await agent.until('the talk to be over', ended);
  }
  await recorder.write('two-agents');
});
