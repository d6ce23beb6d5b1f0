import type { Page } from 'playwright-core';
import type { SessionView } from '../../../src/domain/session-view.ts';
import { CLOSE_CODES, ERROR_CODES } from '../../../src/protocol/messages.ts';
import { refuse, type FakeServer } from './fake-server.ts';
import {
  bridgedView,
  connectedView,
  dialingView,
  finishedView,
  lead,
  pausedView,
  queuedView,
  signedInView,
  wrapUpView,
  wrapUpWithoutPhoneView,
} from './views.ts';

/** One view of the page: what the server says, and what the agent does to get there. */
export interface Scene {
  name: string;
  view: (() => SessionView) | null;
  act?: (page: Page, server: FakeServer) => Promise<void>;
}

const HEARD = [
  { id: 1, at: 0, kind: 'ringback', text: 'us' },
  { id: 2, at: 0, kind: 'say', text: 'Enter your access code.' },
  { id: 3, at: 0, kind: 'say', text: 'Connected. Stay on the line.' },
  { id: 4, at: 0, kind: 'music', text: 'hold music' },
];

const LEADS = {
  leads: [0, 1, 2, 3, 4, 5, 6, 7].map((number) => ({
    ...lead(number),
    state: (['done', 'reserved', 'waiting'] as const)[Math.min(2, Math.floor(number / 2))],
    outcome: ['interested', 'noAnswer'][number] ?? null,
  })),
};

export const SCENES: Scene[] = [
  { name: 'sign-in', view: null },
  {
    name: 'sign-in-passphrase',
    view: null,
    act: async (page, server) => {
      server.on('agent.signIn', () => refuse(ERROR_CODES.wrongPassphrase, 'wrong passphrase'));
      await page.getByLabel('Your name').fill('Sam Rivera');
      await page.keyboard.press('Enter');
      await page.getByLabel('Passphrase', { exact: true }).waitFor();
    },
  },
  { name: 'dial-in', view: signedInView },
  {
    name: 'handset-connected',
    view: signedInView,
    act: async (page, server) => {
      server.notify('handset.changed', { handset: { phase: 'connected', heard: HEARD } });
      await page.getByText('hold music').waitFor();
    },
  },
  { name: 'ready', view: connectedView },
  { name: 'paused', view: pausedView },
  { name: 'dialing', view: dialingView },
  { name: 'queued', view: queuedView },
  { name: 'bridged', view: bridgedView },
  { name: 'wrap-up', view: wrapUpView },
  { name: 'wrap-up-no-phone', view: wrapUpWithoutPhoneView },
  { name: 'list-finished', view: finishedView },
  {
    name: 'lead-list',
    view: pausedView,
    act: async (page) => {
      await page.keyboard.press('l');
      await page.getByRole('textbox', { name: 'Search' }).or(page.getByRole('searchbox')).waitFor();
    },
  },
  {
    name: 'shortcuts',
    view: connectedView,
    act: async (page) => {
      await page.keyboard.press('Shift+?');
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'sign-out-question',
    view: dialingView,
    act: async (page) => {
      await page.keyboard.press('q');
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'refused',
    view: connectedView,
    act: async (page, server) => {
      server.on('agent.callLeads', () => refuse(ERROR_CODES.conflict, 'dispositionOwed'));
      await page.keyboard.press('c');
      await page.getByRole('alert').getByText('how the last talk went').waitFor();
    },
  },
  {
    name: 'connection-lost',
    view: bridgedView,
    act: async (page, server) => {
      server.refuseSockets(true);
      server.cut();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'replaced',
    view: bridgedView,
    act: async (page, server) => {
      server.cut(CLOSE_CODES.replaced);
      await page.getByRole('button', { name: 'Use it here' }).waitFor();
    },
  },
  {
    name: 'out-of-date',
    view: connectedView,
    act: async (page, server) => {
      server.notify('session.view', { now: 'noon' });
      await page.getByRole('button', { name: 'Reload' }).waitFor();
    },
  },
];

/** Leaves the page in the scene, with the server's script as it was before. */
export async function openScene(page: Page, server: FakeServer, scene: Scene): Promise<void> {
  server.reset();
  server.on('leads.list', () => LEADS);
  if (scene.view !== null) {
    server.show(scene.view());
    await page.addInitScript({
      content: "sessionStorage.setItem('auto-connect.token', 'token-1')",
    });
  }
  await page.goto(server.url);
  await page.getByRole('heading').first().waitFor();
  if (scene.view?.().phoneConnected) {
    server.notify('handset.changed', { handset: { phase: 'connected', heard: HEARD } });
    await page.getByText('hold music').waitFor();
  }
  await scene.act?.(page, server);
  await page.evaluate('document.fonts.ready');
}
