import { expect, test } from 'vitest';
import { eachOnItsPage, page, server } from './support/each-page.ts';
import { openDesk } from './support/open-desk.ts';
import {
  bridgedView,
  callId,
  connectedView,
  dialingView,
  finishedView,
  pausedView,
  queuedView,
  signedInView,
  wrapUpView,
  wrapUpWithoutPhoneView,
} from './support/views.ts';

eachOnItsPage();

const title = () => page.getByRole('heading', { level: 1 });
async function untilTitle(text: string): Promise<void> {
  await expect.poll(() => title().textContent()).toBe(text);
}
const sent = () => server.requests.map(({ method }) => method);
const focused = (property: string) => page.evaluate(`document.activeElement.${property}`);

test('from sign-in to the next call an agent needs no mouse', async () => {
  server.show(signedInView());
  await page.goto(server.url);
  await page.locator('input:focus').waitFor();
  await page.keyboard.type('Sam Rivera');
  await page.keyboard.press('Enter');
  await untilTitle('Phone not connected');
  await page.keyboard.press('d');
  await expect.poll(sent).toContain('handset.dial');
  server.notify('handset.changed', { handset: { phase: 'connected', heard: [] } });
  await page.getByText('Connected', { exact: true }).waitFor();
  await page.keyboard.type('482913');
  await expect.poll(() => sent().filter((method) => method === 'handset.press')).toHaveLength(6);
  server.show(connectedView());
  await untilTitle('Ready');
  // The focus has gone from the handset to the one thing to do next.
  await expect.poll(() => focused('innerText')).toContain('Call leads');
  await page.keyboard.press('Enter');
  await expect.poll(sent).toContain('agent.callLeads');
  for (const view of [dialingView(), queuedView(), bridgedView()]) server.show(view);
  await untilTitle('Talking');
  await page.keyboard.press('h');
  await expect.poll(sent).toContain('agent.hangUp');
  server.show(wrapUpView());
  await untilTitle('Wrap-up');
  await page.keyboard.press('1');
  await expect.poll(sent).toContain('agent.dispose');
  server.show(pausedView({ mode: 'ready', quiet: 'readyToCall' }));
  await untilTitle('Ready');
  await expect.poll(() => focused('innerText')).toContain('Call leads');
});

test('the focus is never lost, whatever comes after whatever', async () => {
  const views = {
    'Phone not connected': signedInView(),
    Ready: connectedView(),
    Paused: pausedView(),
    'Calling leads': dialingView(),
    'Answered: connecting you': queuedView(),
    Talking: bridgedView(),
    'Wrap-up': wrapUpView(),
    'List finished': finishedView(),
  };
  await openDesk(page, server, signedInView());
  for (const [from, before] of Object.entries(views)) {
    for (const [to, after] of Object.entries(views)) {
      server.show(before);
      await untilTitle(from);
      server.show(after);
      await untilTitle(to);
      expect({ from, to, focused: await focused('tagName') }).not.toEqual({
        from,
        to,
        focused: 'BODY',
      });
    }
  }
});

test('the ? sheet lists the keys, silences them, and gives the focus back', async () => {
  await openDesk(page, server, connectedView());
  const before = await focused('innerText');
  await page.keyboard.press('Shift+?');
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await sheet.getByText('Pause calling').waitFor();
  await page.keyboard.press('c');
  await page.keyboard.press('Escape');
  await sheet.waitFor({ state: 'detached' });

  await expect.poll(() => focused('innerText')).toBe(before);
  expect(sent()).not.toContain('agent.callLeads');
  await page.keyboard.press('c');
  await expect.poll(sent).toContain('agent.callLeads');
});

test('single keys can be switched off, and stay off after a reload', async () => {
  await openDesk(page, server, connectedView());
  await page.keyboard.press('Shift+?');
  await page.getByRole('switch', { name: 'Single-key shortcuts' }).press('Space');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.reload();
  await untilTitle('Ready');
  await page.keyboard.press('p');
  await page.getByRole('button', { name: 'Pause' }).press('Enter');
  await expect.poll(sent).toContain('agent.pause');
  expect(sent().filter((method) => method === 'agent.pause')).toHaveLength(1);
});

test('a switch that has the focus does not swallow the outcome’s key', async () => {
  await openDesk(page, server, wrapUpView());
  await page.getByRole('switch').focus();
  await page.keyboard.press('4');
  await expect.poll(sent).toContain('agent.dispose');
});

test('a key that cannot be used now says why', async () => {
  await openDesk(page, server, wrapUpView());
  await page.keyboard.press('c');
  await page.getByRole('alert').getByText('First record how the last talk went.').waitFor();
  expect(sent()).not.toContain('agent.callLeads');
});

test('a key held down counts once', async () => {
  await openDesk(page, server, connectedView());
  // Once down and five repeats: six switches would leave the sound as it was.
  for (let times = 0; times < 6; times += 1) await page.keyboard.down('s');
  await page.keyboard.up('s');
  await page.getByRole('button', { name: 'Sound is off' }).waitFor();
  await expect
    .poll(() => page.evaluate("localStorage.getItem('auto-connect.sound')"))
    .toBe('false');
});

test('after sign-out nothing that was typed stays in the tab', async () => {
  await openDesk(page, server, wrapUpWithoutPhoneView({ calls: [] }));
  await page.getByLabel('Notes').fill('Allergic to cats');
  await page.getByLabel('Notes').press('Escape');
  await page.keyboard.press('q');
  await page.getByText('You are signed out.').waitFor();
  expect(await page.evaluate('JSON.stringify(sessionStorage)')).not.toContain(callId(0));
});

test('nothing moves for those who ask for less motion', async () => {
  await openDesk(page, server, dialingView());
  expect(await page.evaluate('document.getAnimations().length')).toBe(0);
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await expect.poll(() => page.evaluate('document.getAnimations().length')).toBeGreaterThan(0);
});
