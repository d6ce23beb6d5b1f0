import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { startFakeServer, type FakeServer } from './support/fake-server.ts';
import { openScene, SCENES } from './support/scenes.ts';

let browser: Browser;
let server: FakeServer;

beforeAll(async () => {
  browser = await launchBrowser();
  server = await startFakeServer();
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

const BOTH = SCENES.flatMap((scene) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ name: scene.name, scene, colorScheme })),
);

test.for(BOTH)(
  'the view "$name" in $colorScheme has no accessibility fault and obeys the page policy',
  async ({ scene, colorScheme }) => {
    const context = await browser.newContext({ colorScheme, reducedMotion: 'reduce' });
    const page = await context.newPage();
    await page.addInitScript({
      content:
        "window.broken = []; document.addEventListener('securitypolicyviolation', (event) => window.broken.push(event.violatedDirective + ' ' + event.sourceFile));",
    });
    await openScene(page, server, scene);
    const { violations } = await new AxeBuilder({ page }).analyze();
    const faults = violations.map(({ id, nodes }) => ({
      id,
      where: nodes.map((node) => node.html),
    }));
    expect(faults).toEqual([]);
    expect(await page.evaluate('window.broken')).toEqual([]);
    await context.close();
  },
);

test.for(SCENES)('the view "$name" fits a phone of 360 pixels', async (scene) => {
  const context = await browser.newContext({ viewport: { width: 360, height: 640 } });
  const page = await context.newPage();
  await openScene(page, server, scene);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
  await context.close();
});

test('the first load is under 200 kB of compressed JavaScript', async () => {
  const assets = new URL('../../dist/web/assets/', import.meta.url);
  const scripts = (await readdir(assets)).filter((name) => name.endsWith('.js'));
  const sizes = await Promise.all(
    scripts.map(
      async (name) => gzipSync(await readFile(fileURLToPath(new URL(name, assets)))).length,
    ),
  );
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(200_000);
});
