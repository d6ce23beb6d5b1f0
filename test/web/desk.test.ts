import { expect, test } from 'vitest';
import type { SessionView } from '../../src/domain/session-view.ts';
import { ERROR_CODES } from '../../src/protocol/messages.ts';
import { eachOnItsPage, page, sent, server } from './support/each-page.ts';
import { refuse } from './support/fake-server.ts';
import { openDesk } from './support/open-desk.ts';
import {
  bridgedView,
  call,
  callId,
  connectedView,
  dialingView,
  finishedView,
  lead,
  pausedView,
  queuedView,
  signedInView,
  wrapUpView,
} from './support/views.ts';

eachOnItsPage();

const button = (name: string) => page.getByRole('button', { name, exact: true });
const status = () => page.getByRole('status').first();
async function untilSent(method: string): Promise<void> {
  await expect.poll(() => sent(method)).not.toEqual([]);
}

test('an agent signs in with her name and sees the number to phone and the code to key', async () => {
  server.show(signedInView());
  await page.goto(server.url);
  await page.locator('input:focus').waitFor(); // The page puts her there; a key before that is nobody's.
  await page.keyboard.type('Sam Rivera');
  await page.keyboard.press('Enter');

  await page.getByText('482 913').waitFor();
  await expect
    .poll(() => page.getByRole('link', { name: '+1 315 555 0199' }).isVisible())
    .toBe(true);
  expect(server.requests[0]).toEqual({ method: 'agent.signIn', params: { name: 'Sam Rivera' } });
});

test('the passphrase is asked for only when the server wants one', async () => {
  server.show(signedInView());
  server.on('agent.signIn', ({ passphrase }) =>
    passphrase === 'sesame'
      ? { token: 'token-1', simulated: false }
      : refuse(ERROR_CODES.wrongPassphrase, 'wrong passphrase'),
  );
  await page.goto(server.url);
  await page.getByLabel('Your name').fill('Sam Rivera');
  expect(await page.getByLabel('Passphrase', { exact: true }).count()).toBe(0);
  await page.keyboard.press('Enter');

  await page.getByText('asks for its passphrase').waitFor();
  await page.keyboard.type('wrong');
  await page.keyboard.press('Enter');
  await page.getByText('did not work').waitFor();
  await page.getByLabel('Passphrase', { exact: true }).fill('sesame');
  await page.keyboard.press('Enter');
  await page.getByText('482 913').waitFor();
});

test('the handset dials in, types the code by keyboard and writes down what is heard', async () => {
  await openDesk(page, server, signedInView());
  await page.keyboard.press('d');
  await untilSent('handset.dial');
  const heard = [{ id: 1, at: 0, kind: 'say', text: 'Enter your access code.' }];
  server.notify('handset.changed', { handset: { phase: 'connected', heard } });
  await page.getByText('Enter your access code.').waitFor();
  await page.keyboard.type('482913');

  await expect
    .poll(() => sent('handset.press').map(({ params }) => params['digits']))
    .toEqual(['4', '8', '2', '9', '1', '3']);
});

test('without the simulated network there is no handset', async () => {
  server.on('agent.resume', () => ({ token: 'token-1', simulated: false }));
  await openDesk(page, server, signedInView());
  expect(await page.getByRole('heading', { name: 'Handset' }).count()).toBe(0);
});

const SENTENCES: Array<[string, SessionView]> = [
  ['your phone is not connected', signedInView()],
  ['Press Call leads to start', connectedView()],
  ['Calling has been paused', pausedView()],
  ['until you record how the last talk went', wrapUpView()],
  ['Waiting for a free line', dialingView({ quiet: 'waitingForLine' })],
  ['The list is finished', finishedView()],
  ['Amelia Ortiz has answered', queuedView()],
  ['You are talking with Amelia Ortiz', bridgedView()],
];
test('each state says in plain words what is happening, or why nothing is', async () => {
  await openDesk(page, server, connectedView());
  for (const [sentence, view] of SENTENCES) {
    server.show(view);
    await expect.poll(() => status().textContent()).toContain(sentence);
  }
});

test('the page shows nothing before the server has said it', async () => {
  await openDesk(page, server, connectedView());
  await button('Call leads').click();
  await untilSent('agent.callLeads');
  await expect.poll(() => status().textContent()).toContain('Ready');

  server.show(dialingView());
  await status().getByText('Calling leads').waitFor();
});

test('a click counts once until the server has answered', async () => {
  const answers = new EventTarget();
  server.on('agent.callLeads', () => new Promise((done) => answers.addEventListener('now', done)));
  await openDesk(page, server, connectedView());
  await button('Call leads').click();
  await expect.poll(() => button('Call leads').getAttribute('aria-busy')).toBe('true');
  await button('Call leads').dispatchEvent('click');
  await page.keyboard.press('c');
  // A view about something else in between does not end the wait.
  server.show(connectedView({ lines: 4 }));
  await page.getByText('4 lines').waitFor();
  await page.keyboard.press('c');
  answers.dispatchEvent(new Event('now'));
  server.show(dialingView());

  await expect.poll(() => button('Call leads').getAttribute('aria-busy')).toBe('false');
  expect(sent('agent.callLeads')).toHaveLength(1);
});

test('a refused command says why, and the button is free again', async () => {
  server.on('agent.callLeads', () => refuse(ERROR_CODES.conflict, 'dispositionOwed'));
  await openDesk(page, server, connectedView());
  await page.keyboard.press('c');

  await page.getByRole('alert').getByText('how the last talk went').waitFor();
  await expect.poll(() => button('Call leads').getAttribute('aria-busy')).toBe('false');
});

test('lines are changed live, one by one, between 1 and 10', async () => {
  await openDesk(page, server, dialingView({ lines: 9 }));
  await page.keyboard.press('Shift++');
  // The server has not spoken: this one is not sent.
  await page.keyboard.press('Shift++');
  await untilSent('agent.setLines');
  expect(sent('agent.setLines')[0]?.params).toEqual({ lines: 10 });

  server.show(dialingView({ lines: 10 }));
  await page.getByText('10 lines').waitFor();
  await page.keyboard.press('Shift++');
  await page.keyboard.press('-');
  await expect
    .poll(() => sent('agent.setLines').map(({ params }) => params))
    .toEqual([{ lines: 10 }, { lines: 9 }]);
});

test('each live call has a card with its state and its time by the server’s clock', async () => {
  await page.clock.install({ time: Date.now() - 3_600_000 });
  await openDesk(page, server, dialingView({ calls: [call(0, { since: Date.now() - 64_000 })] }));
  const card = page.getByRole('listitem').filter({ hasText: 'Amelia Ortiz' });
  expect(await card.textContent()).toContain('Ringing');
  expect(await card.getByRole('timer').textContent()).toMatch(/^1:0[4-6]$/);
  await page.clock.runFor(10_000);
  await expect.poll(() => card.getByRole('timer').textContent()).toMatch(/^1:1[4-6]$/);
});

test('at the bridge the lead’s details come to the front, with the focus', async () => {
  await openDesk(page, server, dialingView());
  server.show(queuedView());
  server.show(bridgedView());
  const talk = page.getByRole('region', { name: 'Amelia Ortiz' });
  await talk.getByText('Prefers the afternoon').waitFor();
  await expect.poll(() => talk.getByText('+1 315 555 0100').isVisible()).toBe(true);
  await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Amelia Ortiz');
});

test('an agent who is typing keeps the focus when a lead answers', async () => {
  await openDesk(page, server, dialingView());
  await page.keyboard.press('l');
  await page.getByLabel('Search the list').click();
  server.show(bridgedView());
  await page.getByRole('region', { name: 'Amelia Ortiz' }).waitFor();
  expect(await page.evaluate('document.activeElement.type')).toBe('search');
});

test('the bridge is heard once, unless the sound is off', async () => {
  await page.addInitScript({
    content: `window.tones = 0;
      const start = OscillatorNode.prototype.start;
      OscillatorNode.prototype.start = function (at) { window.tones += 1; start.call(this, at); };`,
  });
  await openDesk(page, server, dialingView());
  const answered = { callId: callId(0), leadId: 'lead-0', at: Date.now() };
  await page.keyboard.press('r');
  await expect.poll(() => page.evaluate('navigator.userActivation.hasBeenActive')).toBe(true);
  server.notify('call.answered', answered);
  await expect.poll(() => page.evaluate('window.tones')).toBe(2);

  await page.keyboard.press('s');
  await button('Sound is off').waitFor();
  server.notify('call.answered', answered);
  server.show(bridgedView());
  await page.getByRole('region', { name: 'Amelia Ortiz' }).waitFor();
  expect(await page.evaluate('window.tones')).toBe(2);
});

test('after the talk one key records the outcome with the notes, and calling goes on', async () => {
  await openDesk(page, server, bridgedView());
  await page.keyboard.press('n');
  await page.keyboard.type('Wants 3 boxes');
  server.show(wrapUpView());
  await page.getByRole('heading', { name: 'How did it go' }).waitFor();
  // Still in the notes: digits are text there.
  await page.keyboard.type(' by May 6');
  await page.keyboard.press('Escape');
  await page.keyboard.press('3');

  await untilSent('agent.dispose');
  expect(sent('agent.dispose').map(({ params }) => params)).toEqual([
    { callId: callId(0), disposition: 'callBack', notes: 'Wants 3 boxes by May 6' },
  ]);
  server.show(pausedView({ mode: 'ready', quiet: 'readyToCall' }));
  await status().getByText('Ready').waitFor();
  await page.keyboard.press('c');
  await untilSent('agent.callLeads');
});

test('the last letter before the outcome’s key is recorded with it, however quickly they follow', async () => {
  await openDesk(page, server, wrapUpView());
  await page.keyboard.press('n');
  await page.keyboard.type('Wants 3 boxe');
  // One task: nothing is drawn between the letter and the key.
  await page.evaluate(`(() => {
    const field = document.querySelector('textarea');
    const write = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set;
    write.call(field, 'Wants 3 boxes');
    field.dispatchEvent(new Event('input', { bubbles: true }));
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '1', code: 'Digit1', bubbles: true }));
  })()`);
  await untilSent('agent.dispose');
  expect(sent('agent.dispose')[0]?.params).toMatchObject({ notes: 'Wants 3 boxes' });
});

test('after an outcome the next leads are called by itself where the agent wants it so', async () => {
  await openDesk(page, server, wrapUpView());
  await page.keyboard.press('a');
  await untilSent('agent.setAutoNext');
  server.show(wrapUpView({ autoNext: true }));
  await page.getByRole('switch', { checked: true }).waitFor();
  await page.keyboard.press('2');
  await untilSent('agent.dispose');
  // The server goes on by itself: a page that is gone in this moment would not.
  expect(sent('agent.setAutoNext').map(({ params }) => params)).toEqual([{ on: true }]);
  expect(sent('agent.callLeads')).toEqual([]);
});

test('digits typed at the handset are never taken for an outcome', async () => {
  await openDesk(page, server, wrapUpView());
  server.notify('handset.changed', { handset: { phase: 'connected', heard: [] } });
  await button('Key 5').click();
  await page.keyboard.press('1');
  await expect.poll(() => sent('handset.press')).toHaveLength(2);
  expect(sent('agent.dispose')).toEqual([]);
});

test('an outcome still owed after the phone is gone is asked for beside the number to phone', async () => {
  await openDesk(
    page,
    server,
    wrapUpView({
      state: 'idle',
      phoneConnected: false,
      dialIn: { number: '+13155550199', accessCode: '482913', gate: null },
    }),
  );
  await page.getByRole('heading', { name: 'How did it go' }).waitFor();
  await expect.poll(() => page.getByText('482 913').isVisible()).toBe(true);
});

test('recent calls are listed with what became of them', async () => {
  await openDesk(page, server, pausedView());
  const rows = page.getByRole('tabpanel').getByRole('row');
  await expect.poll(() => rows.nth(1).textContent()).toContain('Dmitri Volkov');
  await expect.poll(() => rows.nth(1).textContent()).toContain('Call back');
  expect(await rows.filter({ hasText: 'Busy' }).count()).toBe(1);
});

test('the lead list is read again when the server says that it is different', async () => {
  let outcome: string | null = null;
  server.on('leads.page', () => {
    const { leadId, name, phone } = lead(0);
    const state = outcome === null ? 'waiting' : 'done';
    const row = { leadId, name, phone, state, outcome, disposition: null, endedAt: null };
    return { rows: [row], total: 1, counts: { waiting: 1, reserved: 0, done: 0 } };
  });
  await openDesk(page, server, dialingView());
  await page.keyboard.press('l');
  const row = page.getByRole('row').filter({ hasText: 'Amelia Ortiz' });
  await expect.poll(() => row.textContent()).toContain('Waiting');
  outcome = 'busy';
  server.notify('leads.changed', {});
  await expect.poll(() => row.textContent()).toContain('Busy');
});

test('sign-out asks first while the phone is connected, and leaves nothing behind', async () => {
  await openDesk(page, server, connectedView());
  await page.keyboard.press('q');
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('You are signed out.').waitFor();
  await expect.poll(() => page.evaluate('sessionStorage.length')).toBe(0);
});

test('the charts of the floor are drawn where the browser’s language is no language tag', async () => {
  server.on('floor.watch', () => {
    const at = Date.now() - 300_000;
    const stretch = { at, answered: 3, abandoned: 1, waitedMs: 400, waitedMostMs: 900 };
    const floor = { agents: [], calls: {}, history: [stretch] };
    setImmediate(() => server.notify('floor.view', { now: Date.now(), floor }));
    return { token: 'floor-1' };
  });
  await page.addInitScript({
    content: `Object.defineProperty(Navigator.prototype, 'language', { get: () => 'en-US@posix' });`,
  });
  await page.goto(new URL('floor', server.url).href);
  await page.locator('canvas').nth(1).waitFor();
  expect(await page.evaluate('navigator.language')).toBe('en-US');
});

test('a file can be added whichever list is before her', async () => {
  await openDesk(page, server, connectedView());
  await page.keyboard.press('i');
  await button('Choose a file').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('l');
  await button('Add a file').click();
  await button('Choose a file').waitFor();
  await expect.poll(() => page.getByRole('dialog').count()).toBe(1);
});

test('a file dragged over the charts is not asked for as leads; over the desk it is, and dropped it is looked at', async () => {
  const hint = page.getByText('Drop the file to add its leads');
  await openDesk(page, server, connectedView());
  await button('Machines').click();
  await button('Back to the desk').waitFor();
  await drag('dragover');
  expect(await hint.count()).toBe(0);
  await button('Back to the desk').click();
  await button('Call leads').waitFor();

  await drag('dragover');
  await expect.poll(() => hint.count()).toBe(1);
  await drag('drop');
  await untilSent('leads/preview');
});

/** A file from outside, beside every panel; two frames later its traces are to be seen. */
const drag = (what: 'dragover' | 'drop') =>
  page.evaluate(`(() => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(['Phone'], 'list.csv', { type: 'text/csv' }));
    const event = new DragEvent('${what}', { dataTransfer, bubbles: true, cancelable: true });
    document.body.dispatchEvent(event);
    return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  })()`);
