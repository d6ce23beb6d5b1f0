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
  call,
  callId,
  connectedView,
  dialingView,
  finishedView,
  lead,
  NOON,
  pausedView,
  RECENT,
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
  /** Something lies over the page: a picture of what is on the screen, not of the whole page. */
  isOverlaid?: true;
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
  {
    name: 'sign-in-unreachable',
    view: null,
    act: async (page, server) => {
      server.refuseSockets(true);
      await page.getByLabel('Your name').fill('Sam Rivera');
      await page.keyboard.press('Enter');
      await page.getByText('The server does not answer').waitFor();
    },
  },
  {
    name: 'session-over',
    view: connectedView,
    act: async (page, server) => {
      server.cut(CLOSE_CODES.notSignedIn);
      await page.getByText('Your session is over.').waitFor();
    },
  },
  { name: 'dial-in', view: signedInView, act: untilScannable },
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
    name: 'floor-empty',
    view: null,
    path: 'floor',
    act: async (page, server) => {
      const floor = { agents: [], calls: {}, history: [] };
      server.on('floor.watch', () => {
        setImmediate(() => server.notify('floor.view', { now: Date.now(), floor }));
        return { token: 'floor-1' };
      });
      await page.reload();
      await page.getByText('Nobody is signed in.').waitFor();
    },
  },
  {
    name: 'floor-lost',
    view: null,
    path: 'floor',
    act: async (page, server) => {
      server.on('floor.watch', () => {
        setImmediate(() => server.notify('floor.view', { now: Date.now(), floor: floorNow() }));
        return { token: 'floor-1' };
      });
      await page.reload();
      await page.locator('canvas').nth(1).waitFor();
      server.refuseSockets(true);
      server.cut();
      await page.getByText('last known state').waitFor();
    },
  },
  {
    name: 'machines',
    view: bridgedView,
    path: 'machines',
    act: async (page, server) => {
      server.showMachines(machinesNow());
      await page.reload();
      await page.getByRole('button', { name: 'bridged: 1', exact: true }).waitFor();
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
  {
    name: 'waiting-for-line',
    view: () =>
      dialingView({
        quiet: 'waitingForLine',
        calls: [0, 1, 2].map((number) => call(number, { state: 'idle', phase: 'waitingForLine' })),
      }),
  },
  { name: 'queued', view: queuedView },
  { name: 'bridged', view: bridgedView },
  { name: 'wrap-up', view: wrapUpView },
  { name: 'wrap-up-no-phone', view: wrapUpWithoutPhoneView, act: untilScannable },
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
    name: 'lead-list-empty',
    view: connectedView,
    act: async (page, server) => {
      server.on('leads.page', () => EMPTY_LIST);
      await page.keyboard.press('l');
      await page.getByText('The list is empty.').waitFor();
    },
  },
  {
    name: 'lead-list-failed',
    view: connectedView,
    act: async (page, server) => {
      server.on('leads.page', () => refuse(-32_603, 'internal error'));
      await page.keyboard.press('l');
      await page.getByText('could not be loaded').waitFor();
    },
  },
  {
    name: 'phone-dropped',
    view: () => signedInView({ recent: RECENT() }),
    act: untilScannable,
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
    act: async (page) => {
      await untilScannable(page);
      await page.getByText('keyed a code that does not work').waitFor();
    },
  },
  {
    name: 'import',
    view: pausedView,
    isOverlaid: true,
    act: async (page, server) => {
      server.on('leads/preview', () => PREVIEW);
      await page.keyboard.press('i');
      await page.getByRole('button', { name: 'Choose a file' }).waitFor();
      await page.locator('input[type=file]').setInputFiles(FILE);
      await page.getByText('Line 230').waitFor();
    },
  },
  {
    name: 'import-choose',
    view: pausedView,
    isOverlaid: true,
    act: async (page) => {
      await page.keyboard.press('i');
      await page.getByRole('button', { name: 'Choose a file' }).waitFor();
    },
  },
  {
    name: 'import-unreadable',
    view: pausedView,
    isOverlaid: true,
    act: async (page, server) => {
      server.on('leads/preview', () => ({ error: { code: 'openQuote', line: 12 } }));
      await page.keyboard.press('i');
      await page.getByRole('button', { name: 'Choose a file' }).waitFor();
      await page.locator('input[type=file]').setInputFiles(FILE);
      await page.getByText('never closed').waitFor();
    },
  },
  {
    name: 'import-reading',
    view: pausedView,
    isOverlaid: true,
    act: async (page, server) => {
      server.on('leads/preview', () => new Promise(() => {}));
      await page.keyboard.press('i');
      await page.getByRole('button', { name: 'Choose a file' }).waitFor();
      await page.locator('input[type=file]').setInputFiles(FILE);
      await page.getByText('Reading the file').waitFor();
      server.notify('leads.importing', { done: 35_000, total: 100_000 });
      await page.getByText('Read 35,000 of 100,000').waitFor();
    },
  },
  {
    name: 'clear-question',
    view: pausedView,
    isOverlaid: true,
    act: async (page) => {
      await page.keyboard.press('l');
      await page.getByRole('button', { name: 'Clear list' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'correct',
    view: pausedView,
    isOverlaid: true,
    act: async (page) => {
      await page
        .getByRole('button', { name: /^Change the outcome/ })
        .locator('visible=true')
        .click();
      await page.getByRole('dialog').getByLabel('Notes').waitFor();
    },
  },
  {
    name: 'shortcuts',
    view: connectedView,
    isOverlaid: true,
    act: async (page) => {
      await page.keyboard.press('Shift+?');
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'sign-out-question',
    view: dialingView,
    isOverlaid: true,
    act: async (page) => {
      await page.keyboard.press('q');
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'refused',
    view: connectedView,
    isOverlaid: true,
    act: async (page, server) => {
      server.on('agent.callLeads', () => refuse(ERROR_CODES.conflict, 'dispositionOwed'));
      await page.keyboard.press('c');
      await page.getByRole('alert').getByText('how the last talk went').waitFor();
    },
  },
  {
    name: 'not-now',
    view: wrapUpView,
    isOverlaid: true,
    act: async (page) => {
      await page.keyboard.press('c');
      await page.getByRole('alert').getByText('First record').waitFor();
    },
  },
  {
    name: 'call-not-placed',
    view: dialingView,
    isOverlaid: true,
    act: async (page, server) => {
      const { leadId } = lead(1);
      const ended = { callId: callId(1), leadId, outcome: 'refused', at: Date.now() };
      server.notify('call.ended', ended);
      await page.getByRole('alert').getByText('was not placed').waitFor();
    },
  },
  {
    name: 'anomaly',
    view: dialingView,
    isOverlaid: true,
    act: async (page, server) => {
      server.show(dialingView({ anomalyAt: Date.now() }));
      await page.getByRole('alert').getByText('something unexpected').waitFor();
    },
  },
  {
    name: 'server-restarting',
    view: bridgedView,
    act: async (page, server) => {
      server.refuseSockets(true);
      server.cut(1012);
      await page.getByRole('alert').getByText('The server is restarting').waitFor();
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

const EMPTY_LIST: LeadsPage = {
  rows: [],
  total: 0,
  counts: { waiting: 0, reserved: 0, done: 0 },
};

/** The scan code is loaded when it is first wanted; a phone does not show it to itself. */
async function untilScannable(page: Page): Promise<void> {
  if ((page.viewportSize()?.width ?? 0) < 640) return;
  await page.getByRole('img', { name: 'QR code' }).waitFor();
}

/** One agent in a talk, and what has happened last. */
function machinesNow() {
  const sessionId = 'session-1_____________';
  const calls = [{ callId: callId(0), lead: lead(0).name, state: 'bridged' }];
  const session = { sessionId, agent: 'Sam Rivera', state: 'bridged', calls };
  const events = ['leg.answered', 'leg.bridged'].map((event, index) => ({
    at: Date.now() - 1000 * (2 - index),
    sessionId,
    callId: callId(0),
    event,
    detail: null,
    sessionArrows: [],
    callArrows: [],
    session: index === 0 ? 'queued' : 'bridged',
    call: index === 0 ? 'queued' : 'bridged',
  }));
  return { now: Date.now(), unlisted: 0, sessions: [session], events, anomalies: [] };
}

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
  if (scene.path === undefined && scene.view?.().phoneConnected) {
    server.notify('handset.changed', { handset: { phase: 'connected', heard: HEARD } });
    await page.getByText('hold music').waitFor();
  }
  await scene.act?.(page, server);
  await page.evaluate('document.fonts.ready');
}
