import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TEXTS } from '../../src/web/texts.ts';
import { connect, dialIn, openPage, signIn, untilTitle } from '../support/agent-page.ts';
import { launchBrowser } from '../support/browser.ts';
import { leadNumber, startProduct } from '../support/product.ts';

const talker = { answers: 'person', answerAfterMs: 50, hangsUpAfterMs: 60_000 } as const;
const oneLine = { env: { LINES: '1' } };

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** What the browser complains of. */
function problemsOf(page: Page): string[] {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (line) => {
    if (line.type() === 'error') problems.push(line.text());
  });
  return problems;
}

/** The keyboard is heard by something: never by nothing. */
const focused = (page: Page) => page.evaluate<string>('document.activeElement.tagName');

test('a newcomer goes by keyboard from the sign-in to a talk, its outcome, and the second lead', async () => {
  const product = await startProduct([talker, talker], oneLine);
  const page = await openPage(browser, product.server.url);
  const problems = problemsOf(page);
  const held: string[] = [];
  const press = async (key: string): Promise<void> => {
    await page.keyboard.press(key);
    held.push(await focused(page));
  };
  await signIn(page);
  await dialIn(page);
  // The one thing to do next has the focus.
  await press('Enter');
  await page.getByRole('heading', { name: 'Lead 0' }).waitFor();
  await page.getByText(TEXTS.situation.bridged('Lead 0')).waitFor();
  const { ledger } = product.network.network;
  expect(ledger.liveCalls().map((call) => call.to)).toContain(leadNumber(0));

  await press('n');
  await page.keyboard.type('Wants 3 boxes');
  await press('Escape');
  await press('h');
  await untilTitle(page, 'wrappingUp');
  await page.getByText(TEXTS.wrapUp.over('agent', null)).waitFor();
  await press('3');
  await untilTitle(page, 'ready');
  await page.getByRole('cell', { name: TEXTS.disposition.callBack }).first().waitFor();

  await press('c');
  await page.getByText(TEXTS.situation.bridged('Lead 1')).waitFor();
  const agentLegs = ledger.calls.filter((call) => call.direction === 'inbound');
  expect(agentLegs, 'she dialed in once').toHaveLength(1);
  expect(held).not.toContain('BODY');
  expect(problems).toEqual([]);
});

test('of three leads who are rung at once the first is talked to, and the others are seen to be ended', async () => {
  const slow = { answers: 'person', answerAfterMs: 60_000 } as const;
  const late = { ...talker, answerAfterMs: 1500 };
  const product = await startProduct([slow, late, slow], { env: { LINES: '3' } });
  const page = await openPage(browser, product.server.url);
  await connect(page);
  await page.keyboard.press('c');
  const cards = page.getByRole('region', { name: TEXTS.calls.title }).getByRole('listitem');
  await expect.poll(() => cards.count()).toBe(3);
  await page.getByText(TEXTS.situation.bridged('Lead 1')).waitFor();
  const ended = page.getByRole('row').filter({ hasText: TEXTS.outcome.canceled });
  await expect.poll(() => ended.count()).toBe(2);
  expect((await ended.allInnerTexts()).map((row) => row.slice(0, 6)).toSorted()).toEqual([
    'Lead 0',
    'Lead 2',
  ]);
  expect(product.network.network.ledger.liveCalls()).toHaveLength(2);
});

test('a lead who hangs up, and a phone that is put down, are told apart, and the outcome is asked for', async () => {
  const brief = {
    answers: 'person',
    answerAfterMs: 30,
    talkMs: 300,
    hangsUpAt: 'bridged',
  } as const;
  const product = await startProduct([brief, talker], oneLine);
  const page = await openPage(browser, product.server.url);
  await connect(page);
  await page.keyboard.press('c');
  await untilTitle(page, 'wrappingUp');
  await page.getByText(TEXTS.wrapUp.over('lead', null)).waitFor();
  await page.keyboard.press('2');
  await untilTitle(page, 'ready');

  await page.keyboard.press('c');
  await page.getByText(TEXTS.situation.bridged('Lead 1')).waitFor();
  await page.getByRole('button', { name: TEXTS.handset.hangUp }).click();
  await untilTitle(page, 'wrappingUp');
  await page.getByText(TEXTS.wrapUp.over('phone', null)).waitFor();
  await page.getByText(TEXTS.dialIn.again).waitFor();
  await page.keyboard.press('1');
  await untilTitle(page, 'noPhone');
  await dialIn(page);
  const { calls } = product.network.network.ledger;
  expect(calls.filter(({ direction }) => direction === 'inbound')).toHaveLength(2);
});
