import type { Page } from 'playwright-core';
import type { ImportPreview } from '../../../src/domain/lead-import.ts';
import type { SessionView } from '../../../src/domain/session-view.ts';
import {
  CLOSE_CODES,
  ERROR_CODES,
  type Floor,
  type LeadsPage,
} from '../../../src/protocol/messages.ts';
import { refuse, type FakeServer } from './fake-server.ts';
import {
  bridgedView,
  connectedView,
  dialingView,
  finishedView,
  lead,
  NOON,
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
  /** Where the page is; the desk by default. */
  path?: string;
  act?: (page: Page, server: FakeServer) => Promise<void>;
}

const HEARD = [
  { id: 1, at: 0, kind: 'ringback', text: 'us' },
  { id: 2, at: 0, kind: 'say', text: 'Enter your access code.' },
  { id: 3, at: 0, kind: 'say', text: 'Connected. Stay on the line.' },
  { id: 4, at: 0, kind: 'music', text: 'hold music' },
];

const STATES = ['done', 'done', 'ringing', 'talking'] as const;

export const LEADS: LeadsPage = {
  rows: Array.from({ length: 200 }, (_, number) => {
    const { leadId, name, phone } = lead(number);
    return {
      leadId: `${leadId}-${number}`,
      name,
      phone,
      state: STATES[number] ?? 'waiting',
      outcome: (['talked', 'noAnswer'] as const)[number] ?? null,
      disposition: number === 0 ? 'interested' : null,
      endedAt: number < 2 ? NOON : null,
    };
  }),
  total: 100_000,
  counts: { waiting: 99_996, reserved: 2, done: 2 },
};

const FIGURES = {
  calls: 42,
  talks: 11,
  talkMs: 2_470_000,
  abandoned: 1,
  dispositions: { interested: 3, notInterested: 5, callBack: 3 },
};

const DETAILS = {
  notes: '',
  disposition: null,
  attempts: [
    {
      callId: 'call-earlier___________',
      endedAt: NOON - 86_400_000,
      outcome: 'talked',
      disposition: 'callBack',
      notes: 'Asked to be called in the afternoon.',
    },
    {
      callId: 'call-before____________',
      endedAt: NOON - 2 * 86_400_000,
      outcome: 'noAnswer',
      disposition: null,
      notes: '',
    },
  ],
};

const PREVIEW: ImportPreview = {
  columns: ['Name', 'Phone', 'City', 'Remark'],
  mapping: { phone: 1, name: 0, surname: null },
  rows: 1204,
  good: 1201,
  bad: 1,
  duplicates: 2,
  problems: [
    { line: 7, reason: 'notAPhone', text: '12' },
    { line: 19, reason: 'twiceInFile', text: '+13155550101' },
    { line: 230, reason: 'inList', text: '+13155550104' },
  ],
  sample: [0, 1, 2].map((number) => {
    const { name, phone, columns } = lead(number);
    return [name, phone, columns['City'] ?? '', columns['Remark'] ?? ''];
  }),
};

const FILE = { name: 'spring list.csv', mimeType: 'text/csv', buffer: Buffer.from('Phone\n1\n') };

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
    name: 'floor',
    view: null,
    path: 'floor',
    act: async (page, server) => {
      server.on('floor.watch', () => {
        // The picture comes behind the answer.
        setImmediate(() => server.notify('floor.view', { now: Date.now(), floor: floorNow() }));
        return { token: 'floor-1' };
      });
      await page.reload();
      await page.getByText('Grace Hopper').waitFor();
      await page.locator('canvas').nth(1).waitFor();
    },
  },
  {
    name: 'floor-passphrase',
    view: null,
    path: 'floor',
    act: async (page, server) => {
      server.on('floor.watch', () => refuse(ERROR_CODES.wrongPassphrase, 'wrong passphrase'));
      await page.reload();
      await page.getByLabel('Passphrase', { exact: true }).waitFor();
    },
  },
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
      await page.getByText('Ringing', { exact: true }).waitFor();
    },
  },
  {
    name: 'dial-in-wrong-code',
    view: () =>
      signedInView({
        dialIn: {
          number: '+13155550199',
          accessCode: '482913',
          gate: { stage: 'wrongCode', at: Date.now() },
        },
      }),
    act: (page) => page.getByText('keyed a code that does not work').waitFor(),
  },
  {
    name: 'import',
    view: pausedView,
    act: async (page, server) => {
      server.on('leads/preview', () => PREVIEW);
      await page.keyboard.press('l');
      await page.getByText('Ringing', { exact: true }).waitFor();
      await page.keyboard.press('i');
      await page.getByRole('button', { name: 'Choose a file' }).waitFor();
      await page.locator('input[type=file]').setInputFiles(FILE);
      await page.getByText('Line 230').waitFor();
    },
  },
  {
    name: 'import-choose',
    view: pausedView,
    act: async (page) => {
      await page.keyboard.press('l');
      await page.getByText('Ringing', { exact: true }).waitFor();
      await page.keyboard.press('i');
      await page.getByRole('button', { name: 'Choose a file' }).waitFor();
    },
  },
  {
    name: 'clear-question',
    view: pausedView,
    act: async (page) => {
      await page.keyboard.press('l');
      await page.getByRole('button', { name: 'Clear list' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'correct',
    view: pausedView,
    act: async (page) => {
      await page
        .getByRole('button', { name: /^Change the outcome/ })
        .locator('visible=true')
        .click();
      await page.getByRole('dialog').waitFor();
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

/** A busy quarter of an hour, as a supervisor sees it. */
const FLOOR_NAMES = ['Sam Rivera', 'Grace Hopper', 'Ida Rhodes', 'Jean Bartik', 'Kay McNulty'];
function floorNow(): Floor {
  const states = ['bridged', 'dialing', 'consumerConnected', 'queued', 'idle'] as const;
  const modes = [null, null, 'wrappingUp', null, null] as const;
  const latest = Math.floor(Date.now() / 300_000) * 300_000;
  return {
    agents: FLOOR_NAMES.map((name, index) => ({
      sessionId: `session-${index}`,
      name,
      state: states[index] ?? 'idle',
      mode: modes[index] ?? null,
      since: Date.now() - 1000 * (37 + index * 63),
      lead: index === 0 || index === 3 ? lead(index).name : null,
      lines: 3,
      calls: [1, 3, 0, 1, 0][index] ?? 0,
      pageOpen: index !== 4,
    })),
    calls: { talking: 1, ringing: 2, dialing: 1, answered: 1 },
    history: Array.from({ length: 24 }, (_, index) => ({
      at: latest - (23 - index) * 300_000,
      answered: index < 6 ? 0 : 20 + ((index * 7) % 11),
      abandoned: index < 6 ? 0 : index % 3,
      waitedMs: index < 6 ? null : 300 + ((index * 53) % 200),
      waitedMostMs: index < 6 ? null : 700 + ((index * 131) % 600),
    })),
  };
}

/** Leaves the page in the scene, with the server's script as it was before. */
export async function openScene(page: Page, server: FakeServer, scene: Scene): Promise<void> {
  server.reset();
  server.on('leads.page', () => LEADS);
  server.on('agent.figures', () => FIGURES);
  server.on('call.details', () => DETAILS);
  if (scene.view !== null) {
    server.show(scene.view());
    await page.addInitScript({
      content: "sessionStorage.setItem('auto-connect.token', 'token-1')",
    });
  }
  await page.goto(new URL(scene.path ?? '', server.url).href);
  if (scene.path === undefined) await page.getByRole('heading').first().waitFor();
  if (scene.view?.().phoneConnected) {
    server.notify('handset.changed', { handset: { phase: 'connected', heard: HEARD } });
    await page.getByText('hold music').waitFor();
  }
  await scene.act?.(page, server);
  await page.evaluate('document.fonts.ready');
}
