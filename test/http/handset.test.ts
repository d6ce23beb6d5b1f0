import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { simulatedHandset } from '../../src/http/handset.ts';

test('keys typed quickly reach the phone one after the other, in their order', async () => {
  const digits: string[] = [];
  let underWay = 0;
  let most = 0;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    underWay += 1;
    most = Math.max(most, underWay);
    digits.push((JSON.parse(await text(request)) as { digits: string }).digits);
    await setImmediate();
    underWay -= 1;
    // The first is refused: the others are tried all the same.
    if (digits.length === 1) request.socket.destroy();
    else response.end();
  };
  const network = createServer((request, response) => void answer(request, response)).listen(
    0,
    '127.0.0.1',
  );
  onTestFinished(() => void network.close());
  await new Promise((resolve) => network.once('listening', resolve));
  const { port } = network.address() as AddressInfo;
  const handset = simulatedHandset(`http://127.0.0.1:${port}`, 'grace', '+13155550100');
  const results = await Promise.allSettled('482913'.split('').map((digit) => handset.press(digit)));
  expect(results.map(({ status }) => status)).toEqual([
    'rejected',
    ...Array.from({ length: 5 }, () => 'fulfilled'),
  ]);
  expect(digits.join('')).toBe('482913');
  expect(most).toBe(1);
});
