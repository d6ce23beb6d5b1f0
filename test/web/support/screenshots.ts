// Every view of the page in both colour schemes and two widths, to be looked at: tsx test/web/support/screenshots.ts [FOLDER]
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../../support/browser.ts';
import { startFakeServer } from './fake-server.ts';
import { SCENES, openScene } from './scenes.ts';

const WIDTHS = [
  { name: 'wide', width: 1360, height: 860 },
  { name: 'phone', width: 360, height: 740 },
];

async function shootAll(browser: Browser, folder: string, only: string | undefined): Promise<void> {
  const server = await startFakeServer();
  for (const { name, width, height } of WIDTHS) {
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const scene of SCENES.filter((each) => only === undefined || each.name === only)) {
        const context = await browser.newContext({
          viewport: { width, height },
          colorScheme,
          locale: 'en-US',
        });
        const page = await context.newPage();
        await openScene(page, server, scene);
        const path = join(folder, `${scene.name}-${name}-${colorScheme}.png`);
        await page.screenshot({
          path,
          fullPage: scene.isOverlaid !== true,
          animations: 'disabled',
        });
        await context.close();
      }
    }
  }
  await server.close();
}

const folder = process.argv[2] ?? 'dist/screenshots';
await mkdir(folder, { recursive: true });
const browser = await launchBrowser();
await shootAll(browser, folder, process.argv[3]);
await browser.close();
