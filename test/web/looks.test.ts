import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { browser, oneBrowser, server } from './support/each-page.ts';
import { firstLoadBytes } from './support/first-load.ts';
import { openScene, SCENES } from './support/scenes.ts';

oneBrowser();

test.for(SCENES)(
  'the view "$name" is accessible in light and dark, obeys the page policy and fits a small phone',
  async (scene) => {
    const context = await browser.newContext({
      colorScheme: 'light',
      reducedMotion: 'reduce',
      locale: 'en-US',
    });
    const page = await context.newPage();
    await page.addInitScript({ content: NOTE_VIOLATIONS });
    await openScene(page, server, scene);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.locator(`[data-mantine-color-scheme=${colorScheme}]`).first().waitFor();
      expect({ colorScheme, faults: await faultsOf(page) }).toEqual({ colorScheme, faults: [] });
    }
    await page.setViewportSize({ width: 360, height: 640 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    expect(await page.evaluate('window.violations')).toEqual([]);
    await context.close();
  },
);

const NOTE_VIOLATIONS = `window.violations = [];
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, sourceFile }) =>
    window.violations.push(violatedDirective + ' ' + sourceFile));`;

async function faultsOf(page: Page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => ({ id, where: nodes.map(({ html }) => html) }));
}

test('the first load is under 200 kB of compressed JavaScript', async () => {
  expect(await firstLoadBytes()).toBeLessThan(200_000);
});
