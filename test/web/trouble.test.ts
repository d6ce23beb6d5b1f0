import { expect, test } from 'vitest';
import { CLOSE_CODES, ERROR_CODES } from '../../src/protocol/messages.ts';
import { eachOnItsPage, page, sent, server } from './support/each-page.ts';
import { refuse } from './support/fake-server.ts';
import { openDesk } from './support/open-desk.ts';
import {
  bridgedView,
  callId,
  connectedView,
  dialingView,
  lead,
  pausedView,
  queuedView,
  signedInView,
  wrapUpView,
  wrapUpWithoutPhoneView,
} from './support/views.ts';

eachOnItsPage();

const status = () => page.getByRole('status').first();
const banner = () => page.getByRole('alert').filter({ hasText: 'is lost' });
const main = () => page.getByRole('main').innerText();
/** What does not tick. */
const still = (text: string) => text.replaceAll(/\d+:\d\d/g, '-:--');

const EVERY_STATE = {
  'phone not connected': signedInView(),
  ready: connectedView(),
  paused: pausedView(),
  dialing: dialingView(),
  queued: queuedView(),
  bridged: bridgedView(),
  'wrapping up': wrapUpView(),
  'wrapping up without a phone': wrapUpWithoutPhoneView(),
};
test.for(Object.entries(EVERY_STATE))('a reload while %s loses nothing', async ([, view]) => {
  await openDesk(page, server, view);
  const before = still(await main());
  await page.reload();
  await page.getByRole('button', { name: 'Call leads' }).waitFor();

  expect(still(await main())).toBe(before);
  // The page asks what it does not know any more, and orders nothing.
  const asked = new Set(server.requests.map(({ method }) => method));
  for (const method of ['agent.resume', 'agent.figures', 'call.details'] as const)
    asked.delete(method);
  expect([...asked]).toEqual([]);
});

test('notes survive a reload', async () => {
  let notes = '';
  server.on('agent.saveNotes', (params) => void (notes = String(params['notes'])));
  server.on('call.details', () => ({ notes, disposition: null, attempts: [] }));
  await openDesk(page, server, bridgedView());
  await page.getByLabel('Notes').fill('Call after six');
  await page.reload();
  await expect.poll(() => page.getByLabel('Notes').inputValue()).toBe('Call after six');
});

test('a cut socket is told, replaced by itself, and the page is exact again', async () => {
  await openDesk(page, server, dialingView());
  server.refuseSockets(true);
  server.cut();
  await banner().waitFor();
  await expect
    .poll(() => page.getByRole('button', { name: 'Pause' }).getAttribute('aria-disabled'))
    .toBe('true');

  server.show(bridgedView());
  server.refuseSockets(false);
  await expect.poll(() => sent('agent.resume'), { interval: 10 }).toHaveLength(2);
  await expect.poll(() => status().textContent()).toContain('talking with Amelia Ortiz');
  await banner().waitFor({ state: 'detached' });
});

test('tries to reconnect come further and further apart, up to 5 s', async () => {
  await page.clock.install();
  await openDesk(page, server, connectedView());
  server.refuseSockets(true);
  server.cut();
  await banner().waitFor();
  // 0.2 + 0.4 + 0.8 + 1.6 + 3.2 s of backoff, each shortened by at most half: five tries in 6.2 s, never six in 3.
  await stepUntil(() => server.socketsRefused() >= 5);
  const fiveTriesMs = await page.evaluate('performance.now()');
  await stepUntil(() => server.socketsRefused() >= 8);
  const eightTriesMs = await page.evaluate('performance.now()');
  expect(Number(eightTriesMs) - Number(fiveTriesMs)).toBeGreaterThan(5_000);
  expect(Number(eightTriesMs) - Number(fiveTriesMs)).toBeLessThan(17_000);
});

/** Moves the page's clock, and lets the sockets of the real world catch up. */
async function stepUntil(isDone: () => boolean): Promise<void> {
  await expect
    .poll(
      async () => {
        await page.clock.runFor(100);
        return isDone();
      },
      { interval: 5 },
    )
    .toBe(true);
}

test('a server that restarts says so itself: another sentence than a lost connection, and found again', async () => {
  await openDesk(page, server, bridgedView());
  server.refuseSockets(true);
  server.cut(1012);
  await page.getByRole('alert').getByText('The server is restarting').waitFor();
  expect(await banner().count()).toBe(0);
  server.refuseSockets(false);
  await expect.poll(() => sent('agent.resume')).toHaveLength(2);
  await expect.poll(() => page.getByRole('alert').count()).toBe(0);
});

test('a server that has said nothing for 35 s is taken for lost, and one that beats is not', async () => {
  await page.clock.install();
  await openDesk(page, server, connectedView());
  // Two beats of 15 s, and then silence.
  for (let beats = 0; beats < 2; beats += 1) {
    await page.clock.runFor(30_000);
    server.notify('server.beat', { now: Date.now() });
    server.show(connectedView({ lines: 4 + beats }));
    await page.getByText(`${4 + beats} lines`).waitFor();
  }
  expect(sent('agent.resume')).toHaveLength(1);
  await page.clock.runFor(34_000);
  expect(await banner().count()).toBe(0);
  server.refuseSockets(true);
  await page.clock.runFor(1_500);
  await banner().waitFor();
  server.refuseSockets(false);
  await stepUntil(() => sent('agent.resume').length === 2);
  await banner().waitFor({ state: 'detached' });
});

test('a lead whose call was not placed is named, with what it means for her', async () => {
  await openDesk(page, server, dialingView());
  const ended = { callId: callId(1), leadId: lead(1).leadId, at: Date.now() };
  server.notify('call.ended', { ...ended, outcome: 'refused' });
  const notice = page.getByRole('alert').filter({ hasText: `The call to ${lead(1).name}` });
  await expect.poll(() => notice.innerText()).toContain('nothing for you to do');
});

test('what the telephone network sent by mistake is told once, and not again after a reload', async () => {
  await openDesk(page, server, dialingView());
  const notice = page.getByRole('alert').filter({ hasText: 'something unexpected' });
  server.show(dialingView({ anomalyAt: Date.now() }));
  await notice.getByText('Your session goes on').waitFor();
  server.show(dialingView({ anomalyAt: Date.now() - 60_000 }));
  await page.reload();
  await page.getByRole('button', { name: 'Call leads' }).waitFor();
  expect(await notice.count()).toBe(0);
});

test('a lost notification makes the page resume', async () => {
  await openDesk(page, server, connectedView());
  server.skipSeq();
  server.show(dialingView());
  await expect.poll(() => sent('agent.resume')).toHaveLength(2);
  await expect.poll(() => status().textContent()).toContain('Calling leads');
});

test('a command whose answer never comes is not sent again', async () => {
  server.on('agent.callLeads', () => new Promise(() => {}));
  await openDesk(page, server, connectedView());
  await page.keyboard.press('c');
  await expect.poll(() => sent('agent.callLeads')).toHaveLength(1);
  server.cut();

  await page.getByText('The connection was lost before the server answered').waitFor();
  await expect.poll(() => sent('agent.resume')).toHaveLength(2);
  expect(sent('agent.callLeads')).toHaveLength(1);
});

test('a second tab takes over; the first says so and can take it back', async () => {
  await openDesk(page, server, bridgedView());
  server.cut(CLOSE_CODES.replaced);
  await page.getByRole('heading', { name: 'Opened in another tab' }).waitFor();
  expect(sent('agent.resume')).toHaveLength(1);

  await page.keyboard.press('u');
  // The page shows what it last knew until the server has answered.
  await expect.poll(() => sent('agent.resume')).toHaveLength(2);
  await expect.poll(() => status().textContent()).toContain('talking with Amelia Ortiz');
});

test('a session that is over leads to sign-in, without its token', async () => {
  await openDesk(page, server, connectedView());
  server.cut(CLOSE_CODES.notSignedIn);
  await page.getByText('Your session is over.').waitFor();
  await expect.poll(() => page.evaluate("sessionStorage.getItem('auto-connect.token')")).toBeNull();
});

test('a token that the server no longer knows leads to sign-in', async () => {
  server.on('agent.resume', () => refuse(ERROR_CODES.notSignedIn, 'the session is over'));
  await page.addInitScript({ content: "sessionStorage.setItem('auto-connect.token', 'old')" });
  await page.goto(server.url);
  await page.getByText('Your session is over.').waitFor();
  await expect.poll(() => page.evaluate("sessionStorage.getItem('auto-connect.token')")).toBeNull();
});

test('a server that cannot be reached is said at sign-in, and what was typed stays', async () => {
  await page.goto(server.url);
  server.refuseSockets(true);
  await page.getByLabel('Your name').fill('Sam Rivera');
  await page.keyboard.press('Enter');
  await page.getByText('The server does not answer').waitFor();
  await expect.poll(() => page.getByLabel('Your name').inputValue()).toBe('Sam Rivera');
});

test('a message the page does not understand ends in a request to reload, not in a guess', async () => {
  await openDesk(page, server, connectedView());
  server.notify('session.view', { now: Date.now(), view: { state: 'asleep' } });
  await page.getByRole('heading', { name: 'out of date' }).waitFor();
  await expect.poll(() => page.getByRole('button', { name: 'Reload' }).isVisible()).toBe(true);
});

test('a kind of notification from a newer server is passed over', async () => {
  await openDesk(page, server, connectedView());
  server.notify('weather.changed', { sun: true });
  server.show(dialingView());
  await expect.poll(() => status().textContent()).toContain('Calling leads');
  expect(sent('agent.resume')).toHaveLength(1);
});
