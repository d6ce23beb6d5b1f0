import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { parseRecording, readRecording } from '../../src/replay/read-recording.ts';
import { judge, toJson } from '../../src/replay/verdict.ts';
import { TEXTS } from '../../src/web/texts.ts';
import { requestsOf, WRITERS } from '../replay/other-tools.ts';
import { launchBrowser } from '../support/browser.ts';
import { startProduct } from '../support/product.ts';

const TALKS = { answers: 'person', answerAfterMs: 50, hangsUpAfterMs: 60_000 } as const;

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** A page whose agent has her phone connected; `problems` are the errors that the browser prints. */
async function connectedPage(): Promise<{ page: Page; problems: string[] }> {
  const product = await startProduct([TALKS], { env: { LINES: '1' } });
  const context = await browser.newContext(); // axe opens a page of its own in it
  const page = await context.newPage();
  onTestFinished(() => context.close());
  page.setDefaultTimeout(30_000);
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (line) => {
    if (line.type() === 'error') problems.push(line.text());
  });
  await page.goto(product.server.url);
  await page.getByRole('textbox', { name: TEXTS.signIn.name }).fill('Grace');
  await page.keyboard.press('Enter');
  const code = await page.getByText(/^\d{3} \d{3}$/).innerText();
  await page.getByRole('button', { name: TEXTS.handset.dial }).click();
  await page.getByText('Enter your access code.').waitFor();
  for (const digit of code.replace(' ', '')) {
    await page.getByRole('button', { name: TEXTS.handset.key(digit), exact: true }).click();
  }
  await page.getByText('hold music').waitFor();
  return { page, problems };
}

/** The machines page, following an agent who talks with a lead. */
async function followedTalk() {
  const connected = await connectedPage();
  const { page } = connected;
  await page.keyboard.press('c');
  await page.getByText(TEXTS.situation.bridged('Lead 0')).waitFor();
  await page.getByRole('button', { name: TEXTS.machines.title, exact: true }).click();
  await page
    .getByRole('button', { name: /^Grace/ })
    .first()
    .click();
  return connected;
}

const state = (page: Page, path: string, count: number) =>
  page.getByRole('button', { name: TEXTS.machines.stateCount(path, count), exact: true });

test('the actors of the running server are seen in the drawing, and the way back leads to the same talk', async () => {
  const { page, problems } = await connectedPage();
  await page.getByRole('button', { name: TEXTS.machines.title, exact: true }).click();
  await state(page, 'consumerConnected', 1).waitFor();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  await page.getByRole('button', { name: TEXTS.machines.back }).click();
  await page.keyboard.press('c');
  await page.getByText(TEXTS.situation.bridged('Lead 0')).waitFor();
  await page.getByRole('button', { name: TEXTS.machines.title, exact: true }).click();
  await state(page, 'bridged', 1).waitFor();
  await page.getByRole('button', { name: TEXTS.machines.chart['outbound-call'] }).click();
  await state(page, 'bridged', 1).click();
  await page.getByRole('button', { name: /^Lead 0/ }).waitFor();
  await page.getByRole('button', { name: TEXTS.machines.back }).click();
  await page.getByText(TEXTS.situation.bridged('Lead 0')).waitFor();
  expect(problems).toEqual([]);
});

test('one session can be followed, and scrubbed back to any step of its journal', async () => {
  const { page, problems } = await followedTalk();
  await page
    .getByRole('button', { name: /leg\.bridged/ })
    .first()
    .waitFor();
  expect(await page.locator('.arrow.walked').count()).toBeGreaterThan(2);
  await page.getByRole('slider').fill('0');
  await state(page, 'idle', 1).waitFor();
  await page.getByText(/^Deadlines were due|^No deadline/).waitFor();
  expect(problems).toEqual([]);
});

test('a replayed recording can be stepped through in the same drawing', async () => {
  const recording = fileURLToPath(new URL('../recordings/lead-hangs-up.ndjson', import.meta.url));
  const replayed = JSON.stringify(toJson(await judge(await readRecording(recording, null))));
  const { page, problems } = await connectedPage();
  await page.getByRole('button', { name: TEXTS.machines.title, exact: true }).click();
  await page.getByRole('button', { name: TEXTS.machines.openReplay }).waitFor();
  const file = { name: 'run.json', mimeType: 'application/json', buffer: Buffer.from(replayed) };
  await page.locator('input[type=file]').setInputFiles(file);
  await state(page, 'idle', 1).waitFor();
  await page.getByRole('button', { name: /leg\.bridged/ }).click();
  await state(page, 'bridged', 1).waitFor();
  expect(problems).toEqual([]);
});

/** Drops a file on the page, as a hand does. */
async function drop(page: Page, name: string, text: string): Promise<void> {
  // As a text: these classes are the browser's, and unknown here.
  const transfer = await page.evaluateHandle(`(() => {
    const data = new DataTransfer();
    data.items.add(new File([${JSON.stringify(text)}], ${JSON.stringify(name)}));
    return data;
  })()`);
  await page.dispatchEvent('main', 'drop', { dataTransfer: transfer });
}

test('a raw log that is dropped on the page is replayed, and keys step through it', async () => {
  const log = fileURLToPath(new URL('../recordings/2019-first-call.txt', import.meta.url));
  const { page, problems } = await connectedPage();
  await page.getByRole('button', { name: TEXTS.machines.title, exact: true }).click();
  await page.getByRole('button', { name: TEXTS.machines.openReplay }).waitFor();
  await drop(page, 'monday.log', await readFile(log, 'utf8'));
  await page.getByRole('heading', { name: 'monday.log' }).waitFor();
  await page.getByText(TEXTS.machines.recognised(7, 7)).waitFor();
  await page.getByText(/^S6 broken then: .*2 "answered" notices/).waitFor();
  const current = page.locator('li [aria-current=true]');
  const first = await current.innerText();
  await page.keyboard.press('End');
  await current.filter({ hasText: 'leg.completed' }).waitFor();
  await page.keyboard.press('ArrowLeft');
  await current.filter({ hasText: 'consumer.disconnected' }).waitFor();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await current.filter({ hasText: 'leg.bridged' }).waitFor();
  await state(page, 'bridged', 1).waitFor();
  await page.keyboard.press('ArrowRight');
  await current.filter({ hasText: 'leg.dequeued' }).waitFor();
  await page.keyboard.press('Home');
  await current.filter({ hasText: first.split('\n')[1] ?? '' }).waitFor();
  await page.keyboard.press('ArrowLeft');
  await expect.poll(() => current.innerText()).toBe(first);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  expect(problems).toEqual([]);
});

test('what other tools have written down is dropped just so, whatever the file is called', async () => {
  const file = fileURLToPath(new URL('../recordings/lead-hangs-up.ndjson', import.meta.url));
  const requests = requestsOf(await readRecording(file, null));
  const { page, problems } = await connectedPage();
  await page.getByRole('button', { name: TEXTS.machines.title, exact: true }).click();
  await page.getByRole('button', { name: TEXTS.machines.openReplay }).waitFor();
  const dropped = Object.entries(WRITERS).map(([tool, write]) => [tool, write(requests)]);
  for (const [name = '', text = ''] of [...dropped, ['ours', await readFile(file, 'utf8')]]) {
    await drop(page, name, text);
    await page.getByRole('heading', { name, exact: true }).waitFor();
    await page.getByText(TEXTS.machines.recognised(requests.length, requests.length)).waitFor();
    await page
      .getByRole('button', { name: /leg\.bridged/ })
      .first()
      .click();
    await state(page, 'bridged', 1).waitFor();
  }
  expect(problems).toEqual([]);
});

test('a file that cannot be replayed is answered with its line and the reason, and what was shown stays', async () => {
  const { page, problems } = await connectedPage();
  await page.getByRole('button', { name: TEXTS.machines.title, exact: true }).click();
  await page.getByRole('button', { name: TEXTS.machines.openReplay }).waitFor();
  const header = '{"recording":"auto-connect","version":1}';
  await drop(page, 'bad.ndjson', `${header}\n{"at":"never","kind":"restart"}\n`);
  await page
    .getByRole('alert')
    .filter({ hasText: 'bad.ndjson:2: "at" must be a time like' })
    .waitFor();
  await drop(page, 'large.log', 'x'.repeat(10 * 1024 * 1024 + 1));
  await page.getByRole('alert').filter({ hasText: TEXTS.machines.tooLarge }).waitFor();
  await state(page, 'consumerConnected', 1).waitFor();
  // The browser's own words about what the server refused.
  expect(problems.filter((text) => !/status of 4(?:13|22)/.test(text))).toEqual([]);
});

test('a session that is followed can be downloaded as a recording that replays to where it stands', async () => {
  const { page, problems } = await followedTalk();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: TEXTS.machines.download }).click(),
  ]);
  const text = await readFile(await download.path(), 'utf8');
  expect(text).not.toMatch(/Grace|Lead 0/);
  const { replayed, differences } = await judge(parseRecording('recording.ndjson', text));
  expect(replayed.sessions).toMatchObject([{ state: 'bridged' }]);
  expect(differences).toEqual([]);
  expect(problems).toEqual([]);
});

test('recordings go in and out only for a page that has signed in', async () => {
  const product = await startProduct([]);
  const paths = [
    ['recordings/replay?name=x', 'POST'],
    [`recordings/${'x'.repeat(22)}`, 'GET'],
  ] as const;
  for (const [path, method] of paths) {
    const response = await fetch(new URL(path, product.server.url), {
      method,
      headers: { authorization: 'Bearer forged.token', 'content-type': 'application/octet-stream' },
      ...(method === 'POST' ? { body: 'x' } : {}),
    });
    expect([path, response.status]).toEqual([path, 401]);
  }
});
