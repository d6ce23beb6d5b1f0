import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TIMINGS } from '../../src/simulator/options.ts';
import { TEXTS } from '../../src/web/texts.ts';
import {
  codeShown,
  connect,
  deskText,
  dialIn,
  openPage,
  sayName,
  signIn,
  untilTitle,
} from '../support/agent-page.ts';
import { launchBrowser } from '../support/browser.ts';
import { cuttableLine } from '../support/cuttable-line.ts';
import { startProduct } from '../support/product.ts';
import { leadHangsUp, openServedFloor } from '../support/served-floor.ts';

const talker = { answers: 'person', answerAfterMs: 50, hangsUpAfterMs: 60_000 } as const;
const oneLine = { env: { LINES: '1' } };

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const notes = (page: Page) => page.getByLabel(TEXTS.talk.notes);
const banner = (page: Page, title: string) => page.getByRole('alert').filter({ hasText: title });

async function typeNotes(page: Page, text: string): Promise<void> {
  await page.keyboard.press('n');
  await page.keyboard.press('End');
  await page.keyboard.type(text);
  await page.keyboard.press('Escape');
}

/** The desk says after a reload what it said before, word for word. */
async function reloadIsExact(page: Page): Promise<void> {
  const before = await deskText(page);
  await page.reload();
  await page.getByRole('main').waitFor();
  await expect.poll(() => deskText(page)).toBe(before);
}

test('a reload loses nothing: code shown, connected, dialing, being connected, talking, wrap-up', async () => {
  const never = { answers: 'noAnswer' } as const;
  const product = await startProduct([never, talker], {
    ...oneLine,
    network: { timings: { ...TIMINGS.brisk, matchMs: [800, 800] } },
  });
  const page = await openPage(browser, product.server.url);
  await signIn(page);
  const code = await codeShown(page).innerText();
  await reloadIsExact(page);
  await expect.poll(() => codeShown(page).innerText()).toBe(code);
  await dialIn(page);
  await reloadIsExact(page);

  await page.keyboard.press('c');
  await page.getByRole('listitem').filter({ hasText: TEXTS.calls.phase.ringing }).waitFor();
  await reloadIsExact(page);
  // One more line, for the lead who answers.
  await page.keyboard.press('Shift++');
  await page.getByText(TEXTS.situation.queued('Lead 1')).waitFor();
  await page.reload();
  await page.getByText(TEXTS.situation.bridged('Lead 1')).waitFor();
  await typeNotes(page, 'Typed in the talk');
  await reloadIsExact(page);
  await expect.poll(() => notes(page).inputValue()).toBe('Typed in the talk');

  await page.keyboard.press('h');
  await untilTitle(page, 'wrappingUp');
  await page.getByText(TEXTS.wrapUp.over('agent', null)).waitFor();
  await typeNotes(page, ', and after it');
  await reloadIsExact(page);
  await expect.poll(() => notes(page).inputValue()).toBe('Typed in the talk, and after it');
  expect(product.network.network.ledger.liveCalls(), 'her phone').toHaveLength(1);
});

test('while the network is cut the page says so; mended, it shows what has happened meanwhile', async () => {
  const line = await cuttableLine();
  const product = await startProduct([talker], {
    env: { LINES: '1', PAGE_ORIGINS: new URL(line.url).origin },
  });
  line.leadTo(product.server.url);
  const page = await openPage(browser, line.url);
  await connect(page);
  await page.keyboard.press('c');
  await page.getByText(TEXTS.situation.bridged('Lead 0')).waitFor();
  line.cut();
  await banner(page, TEXTS.link.lostTitle).waitFor();
  await typeNotes(page, 'Typed without a network');
  await page.keyboard.press('h');
  await page.getByText(TEXTS.unavailable.noConnection).first().waitFor();
  await leadHangsUp(product);
  line.mend();
  await untilTitle(page, 'wrappingUp');
  await page.getByText(TEXTS.wrapUp.over('lead', null)).waitFor();
  await banner(page, TEXTS.link.lostTitle).waitFor({ state: 'detached' });
  await expect.poll(() => notes(page).inputValue()).toBe('Typed without a network');
});

test('a server that restarts under the page, and one that is killed, are told apart; the talk goes on', async () => {
  const { server, network } = await openServedFloor();
  const page = await openPage(browser, server.url);
  // Her phone is connected already.
  await sayName(page, 'Grace');
  await untilTitle(page, 'ready');
  await page.keyboard.press('c');
  await untilTitle(page, 'bridged');
  await typeNotes(page, 'Typed before');
  const before = await deskText(page);
  for (const [signal, title] of [
    ['SIGTERM', TEXTS.link.restartTitle],
    ['SIGKILL', TEXTS.link.lostTitle],
  ] as const) {
    await server.end(signal);
    await banner(page, title).waitFor();
    await server.start();
    await page.getByText(TEXTS.link.open).waitFor();
    await expect.poll(() => deskText(page)).toBe(before);
  }
  await expect.poll(() => notes(page).inputValue()).toBe('Typed before');
  expect(network.network.ledger.liveCalls()).toHaveLength(2);
});

test('a second tab takes over with the notes, the first says so, and takes them back with what was added', async () => {
  const product = await startProduct([talker], oneLine);
  const first = await openPage(browser, product.server.url);
  const saved = savedNotes(first);
  await connect(first);
  await first.keyboard.press('c');
  await first.getByText(TEXTS.situation.bridged('Lead 0')).waitFor();
  await typeNotes(first, 'First tab');
  await expect.poll(saved).toBe('First tab');

  const second = await openPage(browser, product.server.url);
  const savedThere = savedNotes(second);
  await sayName(second, 'grace');
  await second.getByText(TEXTS.situation.bridged('Lead 0')).waitFor();
  await first.getByRole('heading', { name: TEXTS.replaced.title }).waitFor();
  await expect.poll(() => notes(second).inputValue()).toBe('First tab');
  await typeNotes(second, ', then the second');
  await expect.poll(savedThere).toBe('First tab, then the second');

  await first.keyboard.press('u');
  await second.getByRole('heading', { name: TEXTS.replaced.title }).waitFor();
  await expect.poll(() => notes(first).inputValue()).toBe('First tab, then the second');
  expect(product.network.network.ledger.liveCalls()).toHaveLength(2);
});

/** The draft that the server has acknowledged last. */
function savedNotes(page: Page): () => string | null {
  const asked = new Map<number, string>();
  let saved: string | null = null;
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => {
      const { id, method, params } = JSON.parse(String(payload)) as SaveNotes;
      if (method === 'agent.saveNotes') asked.set(id, params.notes);
    });
    socket.on('framereceived', ({ payload }) => {
      const { id, result } = JSON.parse(String(payload)) as { id?: number; result?: unknown };
      if (id !== undefined && result !== undefined) saved = asked.get(id) ?? saved;
    });
  });
  return () => saved;
}

interface SaveNotes {
  id: number;
  method: string;
  params: { notes: string };
}
