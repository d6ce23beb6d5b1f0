import { expect, test } from 'vitest';
import { startProduct } from '../support/product.ts';

test('from sign-in to wrap-up, and the next call without dialing in again', async () => {
  const product = await startProduct(
    [
      { answers: 'person', answerAfterMs: 30, hangsUpAfterMs: 60_000 },
      { answers: 'person', answerAfterMs: 30, hangsUpAfterMs: 60_000 },
    ],
    { env: { LINES: '1' } },
  );
  const agent = await product.connect();
  await agent.untilHeard('Connected.');

  await agent.request('agent.callLeads', {});
  await agent.untilState('bridged');
  const first = agent.view?.talk;
  expect(first?.lead.name).toBe('Lead 0');
  await agent.request('agent.hangUp', {});
  await agent.untilState('consumerConnected', 'wrappingUp');
  await agent.request('agent.dispose', {
    callId: first?.callId ?? '',
    disposition: 'interested',
    notes: 'keen',
  });
  await agent.untilState('consumerConnected', 'ready');

  await agent.request('agent.callLeads', {});
  await agent.untilState('bridged');
  expect(agent.view?.talk?.lead.name).toBe('Lead 1');
  expect(agent.noticesOf('call.answered')).toHaveLength(2);
  expect(agent.noticesOf('call.ended')).toHaveLength(1);
});
