import type { Browser, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { TEXTS } from '../../src/web/texts.ts';

const WITHIN_MS = 30_000;

/** A browser of its own (nothing is shared with other pages), closed with the test. */
export async function openPage(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-US', reducedMotion: 'reduce' });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(WITHIN_MS);
  await page.goto(url);
  return page;
}

/** By keyboard: the field has the focus as soon as it is there. */
export async function sayName(page: Page, name: string): Promise<void> {
  const field = page.getByRole('textbox', { name: TEXTS.signIn.name });
  await field.and(page.locator(':focus')).waitFor();
  await page.keyboard.type(name);
  await page.keyboard.press('Enter');
}

export async function signIn(page: Page, name = 'Grace'): Promise<void> {
  await sayName(page, name);
  await page.getByText(TEXTS.dialIn.title).waitFor();
}

/** Dials in with the built-in handset and keys the code that is shown, all by keyboard. */
export async function dialIn(page: Page): Promise<void> {
  const shown = await codeShown(page).innerText();
  await page.keyboard.press('d');
  // What an earlier call heard is gone by then.
  await page.getByRole('button', { name: TEXTS.handset.hangUp }).waitFor();
  await page.getByText('Enter your access code.').waitFor();
  await page.keyboard.type(shown.replace(' ', ''));
  await untilTitle(page, 'ready');
  await page.getByText('hold music').waitFor();
}

export async function connect(page: Page, name?: string): Promise<void> {
  await signIn(page, name);
  await dialIn(page);
}

export const codeShown = (page: Page) => page.getByText(/^\d{3} \d{3}$/);

export async function untilTitle(
  page: Page,
  title: keyof typeof TEXTS.situation.title,
): Promise<void> {
  const heading = page.getByRole('heading', { level: 1, exact: true });
  await expect
    .poll(() => heading.textContent(), { timeout: WITHIN_MS })
    .toBe(TEXTS.situation.title[title]);
}

/** All that the desk says, but for clocks that tick. */
export const deskText = async (page: Page): Promise<string> =>
  (await page.getByRole('main').innerText()).replaceAll(/\d+:\d\d(?! [AP]M)/g, '-:--');
