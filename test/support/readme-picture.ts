// Writes docs/images/{dial-in,bridged,floor}.png, the README's pictures: the real product, the built-in leads, one talk.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import { startServer } from '../../src/server.ts';
import { TEXTS } from '../../src/web/texts.ts';
import { launchBrowser } from './browser.ts';

const folder = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const store = join(mkdtempSync(join(tmpdir(), 'auto-connect-')), 'store.db');

const server = await startServer(readConfig({ PORT: '0', STORE: store }), {
  logger: pino({ level: 'silent' }),
  webRoot: folder('dist/web'),
});
const browser = await launchBrowser();
const context = await browser.newContext({
  viewport: { width: 1280, height: 800 },
  locale: 'en-US',
});
const page = await context.newPage();
await page.goto(server.url);
await page.getByRole('textbox', { name: TEXTS.signIn.name }).fill('Grace');
await page.keyboard.press('Enter');
const code = await page.getByText(/^\d{3} \d{3}$/).innerText();
await page.getByRole('img', { name: TEXTS.dialIn.qr('') }).waitFor();
await page.waitForLoadState('networkidle');
await page.screenshot({ path: folder('docs/images/dial-in.png') });
await page.getByRole('button', { name: TEXTS.handset.dial }).click();
await page.getByText('Enter your access code.').waitFor();
for (const digit of code.replace(' ', '')) {
  await page.getByRole('button', { name: TEXTS.handset.key(digit), exact: true }).click();
}
await page.getByText('hold music').waitFor();
await page.getByRole('button', { name: TEXTS.work.callLeads }).click();
await page.getByText(/^You are talking with/).waitFor({ timeout: 60_000 });
await page.waitForTimeout(3000); // For the picture only: a few words of the talk on the handset.
await page.screenshot({ path: folder('docs/images/bridged.png') });
const floor = await context.newPage();
await floor.goto(new URL('floor', server.url).href);
await floor.locator('canvas').nth(1).waitFor();
await floor.screenshot({ path: folder('docs/images/floor.png') });
await browser.close();
await server.close();
