import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { TEXTS } from '../../src/web/texts.ts';
import { launchBrowser } from '../support/browser.ts';
import { leadNumber, startProduct } from '../support/product.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

async function openPage(url: string): Promise<Page> {
  const page = await browser.newPage();
  onTestFinished(() => page.close());
  page.setDefaultTimeout(10_000);
  await page.goto(url);
  return page;
}

/** Signs in and connects her phone, with the keyboard and the built-in handset, as a newcomer would. */
async function connect(page: Page): Promise<void> {
  await page.getByRole('textbox', { name: TEXTS.signIn.name }).fill('Grace');
  await page.keyboard.press('Enter');
  await page.getByText(TEXTS.dialIn.title).waitFor();
  const shown = await page.getByText(/^\d{3} \d{3}$/).innerText();
  await page.getByRole('button', { name: TEXTS.handset.dial }).click();
  await page.getByText('Enter your access code.').waitFor();
  for (const digit of shown.replace(' ', '')) {
    await page.getByRole('button', { name: TEXTS.handset.key(digit), exact: true }).click();
  }
  await page.getByText(TEXTS.situation.title.ready, { exact: true }).waitFor();
  await page.getByText('hold music').waitFor();
}

test('a newcomer goes from the sign-in page to a talk, its outcome, and the next talk', async () => {
  const product = await startProduct(
    [
      { answers: 'person', answerAfterMs: 50, hangsUpAfterMs: 60_000 },
      { answers: 'person', answerAfterMs: 50, hangsUpAfterMs: 60_000 },
    ],
    { env: { LINES: '1' } },
  );
  const page = await openPage(product.server.url);
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (line) => {
    if (line.type() === 'error') problems.push(line.text());
  });
  await connect(page);

  await page.keyboard.press('c');
  await page.getByRole('heading', { name: 'Lead 0' }).waitFor();
  await page.getByText(TEXTS.situation.bridged('Lead 0')).waitFor();
  const { ledger } = product.network.network;
  expect(ledger.liveCalls().map((call) => call.to)).toContain(leadNumber(0));

  await page.keyboard.press('h');
  await page.getByText(TEXTS.situation.title.wrappingUp, { exact: true }).waitFor();
  await page.keyboard.press('1');
  await page.getByText(TEXTS.situation.title.ready, { exact: true }).waitFor();

  await page.keyboard.press('c');
  await page.getByText(TEXTS.situation.bridged('Lead 1')).waitFor();
  const agentLegs = ledger.calls.filter((call) => call.direction === 'inbound');
  expect(agentLegs, 'she dialed in once').toHaveLength(1);
  expect(problems).toEqual([]);
});

test('a reload in mid-talk shows the same talk again within the second', async () => {
  const product = await startProduct([
    { answers: 'person', answerAfterMs: 50, hangsUpAfterMs: 60_000 },
  ]);
  const page = await openPage(product.server.url);
  await connect(page);
  await page.keyboard.press('c');
  await page.getByText(TEXTS.situation.bridged('Lead 0')).waitFor();
  await page.reload();
  await page.getByText(TEXTS.situation.bridged('Lead 0')).waitFor({ timeout: 3000 });
  expect(product.network.network.ledger.liveCalls()).toHaveLength(2);
});
