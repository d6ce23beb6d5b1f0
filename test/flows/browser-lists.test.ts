import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TEXTS } from '../../src/web/texts.ts';
import { connect, openPage, sayName, signIn, untilTitle } from '../support/agent-page.ts';
import { launchBrowser } from '../support/browser.ts';
import { leadNumber, startProduct } from '../support/product.ts';

const talker = { answers: 'person', answerAfterMs: 30, hangsUpAfterMs: 60_000 } as const;
const oneLine = { env: { LINES: '1' } };

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** Drags a file from outside the browser and lets it go over the page. */
async function dropFile(page: Page, text: string): Promise<void> {
  const dataTransfer = await page.evaluateHandle(
    `(() => {
      const data = new DataTransfer();
      data.items.add(new File([${JSON.stringify(text)}], 'spring.csv', { type: 'text/csv' }));
      return data;
    })()`,
  );
  await page.getByRole('main').dispatchEvent('dragover', { dataTransfer });
  await page.getByText(TEXTS.leads.drop).waitFor();
  await page.getByRole('main').dispatchEvent('drop', { dataTransfer });
}

test('a file is dropped, its columns are set right, its bad rows named by line and reason and left out', async () => {
  const product = await startProduct([talker]);
  const page = await openPage(browser, product.server.url);
  await signIn(page);
  await dropFile(
    page,
    `Who,Work,Mobile\nAda,,(212) 555-0171\nBen,,12\nCleo,,${leadNumber(0)}\nAda again,,212-555-0171\n`,
  );
  const sheet = page.getByRole('dialog', { name: TEXTS.importSheet.title });
  const phone = sheet.getByLabel(TEXTS.importSheet.phone);
  await phone.selectOption('Work');
  await sheet.getByText(TEXTS.importSheet.counts(0, 4)).waitFor();
  await phone.selectOption('Mobile');
  await sheet.getByText(TEXTS.importSheet.counts(1, 4)).waitFor();
  const problems = sheet.getByRole('list', { name: TEXTS.importSheet.problems });
  const { reason, line } = TEXTS.importSheet;
  expect((await problems.getByRole('listitem').allInnerTexts()).map(withoutText)).toEqual([
    `${line(3)}: ${reason.notAPhone}`,
    `${line(4)}: ${reason.inList}`,
    `${line(5)}: ${reason.twiceInFile}`,
  ]);
  // Nothing is left out unless she says so.
  await sheet.getByRole('button', { name: TEXTS.importSheet.add(1) }).press('Enter');
  await sheet.getByRole('alert').getByText(TEXTS.importSheet.skipFirst).waitFor();
  await sheet.getByLabel(TEXTS.importSheet.skip(3)).check();
  await sheet.getByRole('button', { name: TEXTS.importSheet.add(1) }).click();
  await page.getByText(TEXTS.importSheet.done(1)).waitFor();
  await sheet.waitFor({ state: 'detached' });
  await expect.poll(() => page.evaluate('document.activeElement.tagName')).not.toBe('BODY');
  await page.keyboard.press('l');
  await page.getByRole('cell', { name: '+1 212 555 0171', exact: true }).waitFor();
});

/** `Line 3: not a telephone number (12)` without what stands there. */
const withoutText = (problem: string): string => problem.replace(/ \(.*\)$/, '').trim();

test('a file that cannot be read says why, and another can be chosen without the mouse', async () => {
  const product = await startProduct([]);
  const page = await openPage(browser, product.server.url);
  await signIn(page);
  await page.keyboard.press('i');
  const focused = () => page.evaluate('document.activeElement.textContent');
  await expect.poll(focused).toBe(TEXTS.importSheet.choose);
  await page.locator('input[type=file]').setInputFiles({
    name: 'list.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from('Name,Phone\n"Ada,2125550101\n'),
  });
  await page.getByRole('alert').getByText(TEXTS.importSheet.failed.openQuote).waitFor();
  await expect.poll(focused).toBe(TEXTS.importSheet.other);
  await page.keyboard.press('Enter');
  await expect.poll(focused).toBe(TEXTS.importSheet.choose);
});

test('the list is saved with its outcomes, started over, and cleared', async () => {
  const product = await startProduct([talker, { answers: 'busy' }], oneLine);
  const page = await openPage(browser, product.server.url);
  await connect(page);
  await page.keyboard.press('c');
  await page.getByText(TEXTS.situation.bridged('Lead 0')).waitFor();
  await page.keyboard.press('n');
  await page.keyboard.type('Wants "3", by May');
  await page.keyboard.press('Escape');
  await page.keyboard.press('h');
  await untilTitle(page, 'wrappingUp');
  await page.keyboard.press('1');
  await untilTitle(page, 'ready');
  await page.keyboard.press('c');
  await untilTitle(page, 'finished');
  await page.keyboard.press('l');
  const rows = page.getByRole('tabpanel').locator('[data-lead-state=done]');
  await expect.poll(() => rows.count()).toBe(2);

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: TEXTS.leads.exportFile }).click();
  const saved = await readFile(await (await download).path(), 'utf8');
  const [, ada, ben] = saved.split('\r\n');
  expect(ada).toMatch(/Lead 0.*talked.*interested.*"Wants ""3"", by May"/);
  expect(ben).toMatch(/Lead 1.*busy/);

  await page.getByRole('button', { name: TEXTS.leads.startOver }).click();
  await page.getByText(TEXTS.leads.startedOver(2)).waitFor();
  await expect.poll(() => rows.count()).toBe(0);
  await page.getByRole('button', { name: TEXTS.leads.clear }).click();
  await page.getByRole('dialog').getByRole('button', { name: TEXTS.clearSheet.confirm }).click();
  await page.getByText(TEXTS.clearSheet.done(2)).waitFor();
  await page.getByText(TEXTS.leads.none).waitFor();
  await expect.poll(() => page.evaluate('document.activeElement.tagName')).not.toBe('BODY');
});

test('the floor wants the passphrase, keeps it for the tab, and shows who talks with whom', async () => {
  const product = await startProduct([talker], {
    env: { LINES: '1', SIGN_IN_PASSPHRASE: 'open sesame' },
  });
  const floor = await openPage(browser, new URL('floor', product.server.url).href);
  const field = floor.getByLabel(TEXTS.signIn.passphrase, { exact: true });
  await field.fill('guessed');
  await field.press('Enter');
  await floor.getByText(TEXTS.signIn.passphraseWrong).waitFor();
  await field.fill('open sesame');
  await field.press('Enter');
  await floor.getByText(TEXTS.floor.nobody).waitFor();
  await floor.reload();
  await floor.getByText(TEXTS.floor.nobody).waitFor();

  const page = await openPage(browser, product.server.url);
  await sayName(page, 'Grace');
  await page.getByText(TEXTS.signIn.passphraseWanted).waitFor();
  await page.keyboard.type('open sesame');
  await page.keyboard.press('Enter');
  await page.getByText(TEXTS.dialIn.title).waitFor();
  const grace = floor.getByRole('row').filter({ hasText: 'Grace' });
  await expect.poll(() => grace.innerText()).toContain(TEXTS.floor.state.idle);
});
