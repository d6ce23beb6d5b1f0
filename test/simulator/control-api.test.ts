import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TIMINGS } from '../../src/simulator/options.ts';
import { serveNetwork, type RunningNetwork } from '../../src/simulator/serve.ts';
import { startApplication, type Application } from './support/application.ts';

const OURS = '+13155550100';
const AGENT = '+13155550133';

let application: Application;
let running: RunningNetwork;

beforeEach(async () => {
  application = await startApplication();
  running = await serveNetwork({
    numbers: [{ phoneNumber: OURS, voiceUrl: `${application.url}/voice` }],
    timings: TIMINGS.brisk,
  });
});

afterEach(async () => {
  await running.close();
  await application.close();
});

test('a handset dials, hears a prompt, presses keys and hangs up over HTTP', async () => {
  application.on('/voice', ({ params }) =>
    params['Digits'] === undefined
      ? '<Gather numDigits="2"><Say>Two keys.</Say></Gather>'
      : '<Pause length="60"/>',
  );

  const dialed = await control('POST', `handsets/${AGENT}/dial`, { to: OURS });
  expect(dialed.status).toBe(201);
  const { callSid } = (await dialed.json()) as { callSid: string };
  await vi.waitFor(async () =>
    expect(await view()).toMatchObject({ phase: 'connected', callSid, otherParty: OURS }),
  );
  await control('POST', `handsets/${AGENT}/press`, { digits: '42' });
  await vi.waitFor(() => expect(application.at('/voice')[1]?.params['Digits']).toBe('42'));
  expect((await view()).heard.map(({ text }) => text)).toContain('Two keys.');
  await control('POST', `handsets/${AGENT}/hangUp`);

  expect(await view()).toMatchObject({ phase: 'idle', callSid: null });
});

test('a handset that someone watches is told of every change', async () => {
  application.on('/voice', () => '<Say>Welcome.</Say><Pause length="60"/>');
  const watching = new AbortController();
  const stream = await fetch(`${running.url}/control/handsets/${AGENT}/events`, {
    signal: watching.signal,
  });
  const states: { phase: string; heard: { text: string }[] }[] = [];
  void (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of stream.body!) {
      for (const line of decoder.decode(chunk as Uint8Array).split('\n')) {
        if (line.startsWith('data: ')) states.push(JSON.parse(line.slice(6)));
      }
    }
  })().catch(() => undefined);

  await vi.waitFor(() => expect(states[0]).toMatchObject({ phase: 'idle', heard: [] }));
  await control('POST', `handsets/${AGENT}/dial`, { to: OURS });
  await vi.waitFor(() => expect(states.at(-1)).toMatchObject({ phase: 'connected' }));
  await vi.waitFor(() =>
    expect(states.at(-1)!.heard.map(({ text }) => text)).toContain('Welcome.'),
  );
  watching.abort();
});

test('what cannot be done is refused in words', async () => {
  expect((await control('POST', `handsets/${AGENT}/press`, { digits: '1' })).status).toBe(409);
  expect((await control('POST', 'handsets/nobody/dial', { to: OURS })).status).toBe(400);
  expect((await control('PUT', 'faults', { 'create.nonsense': {} })).status).toBe(400);
  expect((await control('GET', 'nothing')).status).toBe(404);
  expect((await control('PUT', `people/${AGENT}`, { talksMs: 5 })).status).toBe(400);
  expect((await control('PUT', 'faults', { 'status.drop': { chance: 1 } })).status).toBe(400);
  expect((await control('GET', 'handsets/%zz')).status).toBe(400);
  expect((await control('POST', `handsets/${AGENT}/dial`, 'not an object')).status).toBe(400);
});

test('faults set over HTTP strike', async () => {
  await control('PUT', 'faults', { 'rest.429': { times: 1 } });
  const response = await fetch(
    `${running.url}/2010-04-01/Accounts/AC00000000000000000000000000000001/Calls.json`,
  );

  expect(response.status).toBe(429);
});

function control(method: string, path: string, body?: unknown): Promise<Response> {
  return fetch(`${running.url}/control/${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

async function view(): Promise<{ phase: string; heard: { text: string }[] }> {
  return (await (await control('GET', `handsets/${AGENT}`)).json()) as never;
}
