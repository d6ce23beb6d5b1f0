import { onTestFinished, expect, test } from 'vitest';
import type { Floor } from '../../src/protocol/messages.ts';
import { AgentClient } from '../support/agent-client.ts';
import { startProduct } from '../support/product.ts';

const talker = { answers: 'person', answerAfterMs: 30, hangsUpAfterMs: 60_000 } as const;
const oneLine = { env: { LINES: '1' } };
const ALL = { search: '', state: null, offset: 0, limit: 200 };

test('twenty agents who call at once get twenty different leads', async () => {
  const product = await startProduct(
    Array.from({ length: 20 }, () => talker),
    oneLine,
  );
  const agents = await Promise.all(
    Array.from({ length: 20 }, (_, index) => product.connect(`Agent ${index}`)),
  );
  await Promise.all(agents.map((agent) => agent.request('agent.callLeads', {})));
  await Promise.all(agents.map((agent) => agent.untilState('bridged')));
  expect(new Set(agents.map(({ view }) => view?.talk?.lead.leadId)).size).toBe(20);
});

test('with auto-next the server goes on by itself after an outcome, and says who hung up', async () => {
  const product = await startProduct([talker, talker], oneLine);
  const agent = await product.connect();
  await agent.request('agent.setAutoNext', { on: true });
  await agent.request('agent.callLeads', {});
  await agent.untilState('bridged');
  const callId = agent.view?.talk?.callId ?? '';
  await agent.request('agent.saveNotes', { callId, notes: 'a draft' });
  await agent.request('agent.hangUp', {});
  await agent.untilState('consumerConnected', 'wrappingUp');
  expect(agent.view?.wrapUp).toMatchObject({ callId, endedBy: 'agent' });
  expect(await agent.request('call.details', { callId })).toMatchObject({ notes: 'a draft' });
  await agent.request('agent.dispose', { callId, disposition: 'callBack', notes: 'final' });
  await agent.untilState('bridged');
  expect(agent.view?.talk?.lead.leadId).toBe('lead-1');

  await agent.request('agent.correct', { callId, disposition: 'interested', notes: 'after all' });
  await agent.until('corrected', () => agent.view?.recent[0]?.disposition === 'interested');
  const figures = await agent.request('agent.figures', { since: 0 });
  expect(figures).toMatchObject({ calls: 1, talks: 1, dispositions: { interested: 1 } });
});

test('a lead who hangs up is told apart from an agent who does', async () => {
  const product = await startProduct([{ ...talker, hangsUpAfterMs: 300 }], oneLine);
  const agent = await product.connect();
  await agent.request('agent.callLeads', {});
  await agent.untilState('consumerConnected', 'wrappingUp');
  await agent.until('who hung up', () => agent.view?.wrapUp?.endedBy !== null);
  expect(agent.view?.wrapUp?.endedBy).toBe('lead');
});

test('a wrong code is shown where a phone is waited for', async () => {
  const product = await startProduct([talker]);
  const agent = await product.signIn();
  await agent.request('handset.dial', {});
  await agent.until('the prompt', () => agent.view?.dialIn.gate?.stage === 'prompting');
  await agent.untilHeard('Enter your access code.');
  const code = agent.view?.dialIn.accessCode === '000000' ? '000001' : '000000';
  await agent.request('handset.press', { digits: code });
  await agent.until('the refusal', () => agent.view?.dialIn.gate?.stage === 'wrongCode');
  expect(agent.view?.phoneConnected).toBe(false);
});

test('lists go in and out only for a page that has signed in', async () => {
  const product = await startProduct([]);
  for (const [path, method] of [
    ['leads/preview', 'POST'],
    ['leads/import', 'POST'],
    ['leads/export', 'GET'],
  ] as const) {
    const response = await fetch(new URL(path, product.server.url), {
      method,
      headers: { authorization: 'Bearer forged.token', 'content-type': 'text/csv' },
      ...(method === 'POST' ? { body: 'Phone\n2125550101\n' } : {}),
    });
    expect([path, response.status]).toEqual([path, 401]);
  }
});

test('the floor shows every agent and every call as the actors have it', async () => {
  const product = await startProduct([talker], oneLine);
  const agent = await product.connect('Grace');
  const supervisor = await AgentClient.open(product.server.url);
  onTestFinished(() => supervisor.close());
  await supervisor.request('floor.watch', {});
  const floor = (): Floor | undefined => supervisor.noticesOf('floor.view').at(-1)?.floor;
  await supervisor.until('Grace', () => floor()?.agents[0]?.state === 'consumerConnected');
  await agent.request('agent.callLeads', {});
  await supervisor.until('the talk', () => floor()?.agents[0]?.lead === 'Lead 0');
  await supervisor.until('the call', () => floor()?.calls['talking'] === 1);
  await expect(supervisor.request('leads.page', ALL)).rejects.toThrow('sign in first');
});
