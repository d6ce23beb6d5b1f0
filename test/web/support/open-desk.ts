import type { Page } from 'playwright-core';
import type { SessionView } from '../../../src/domain/session-view.ts';
import type { FakeServer } from './fake-server.ts';

/** The desk of an agent who has signed in before, showing this view. */
export async function openDesk(page: Page, server: FakeServer, view: SessionView): Promise<void> {
  server.show(view);
  await page.addInitScript({
    content: "sessionStorage.setItem('auto-connect.token', 'token-1')",
  });
  await page.goto(server.url);
  await page.getByRole('button', { name: 'Call leads' }).waitFor();
}
