import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { launchBrowser } from '../../support/browser.ts';
import { startFakeServer, type FakeServer } from './fake-server.ts';

export let browser: Browser;
export let server: FakeServer;
export let page: Page;

/** One browser and one scripted server for a file's tests. */
export function oneBrowser(): void {
  beforeAll(async () => {
    browser = await launchBrowser();
    server = await startFakeServer();
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });
}

/** The same, and for each test a server that has seen nothing yet and a new page. */
export function eachOnItsPage(): void {
  oneBrowser();
  beforeEach(async () => {
    server.reset();
    page = await (await browser.newContext({ reducedMotion: 'reduce' })).newPage();
  });
  afterEach(() => page.context().close());
}

/** What the page has asked of the server by this method. */
export const sent = (method: string) =>
  server.requests.filter((request) => request.method === method);
