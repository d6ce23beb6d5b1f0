import { expect, test } from 'vitest';
import { sharedNotification } from '../../src/http/page-sockets.ts';

test('what many pages are told is encoded once, and each hears it under a number of its own', () => {
  let encodings = 0;
  const floor = {
    agents: ['Žofie “Zoë” \\', '林'],
    toJSON: () => ({ agents: floor.agents, encodings: (encodings += 1) }),
  };
  const params = { now: 5, floor };
  const heard = [1, 7, 1000].map((seq) => {
    const text = sharedNotification('floor.view', seq, params).toString('utf8');
    return JSON.parse(text) as unknown;
  });
  const { agents } = floor;
  expect(heard).toEqual(
    [1, 7, 1000].map((seq) => ({
      jsonrpc: '2.0',
      method: 'floor.view',
      params: { seq, now: 5, floor: { agents, encodings: 1 } },
    })),
  );
});
