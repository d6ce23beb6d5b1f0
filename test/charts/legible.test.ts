import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { documents } from '../../src/charts/documents.ts';
import { launchBrowser } from '../support/browser.ts';

/** Runs in the browser, whose types are not those of the tests. Boxes of lines one above the other touch: 2 px of slack. */
const CLASHES = `(() => {
  const sheet = document.querySelector('svg').getBoundingClientRect();
  const words = [...document.querySelectorAll('text')].map((text) => ({
    text: text.textContent,
    box: text.getBoundingClientRect(),
  }));
  const overlap = (a, b) =>
    a.left + 2 < b.right && b.left + 2 < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom;
  return words.flatMap((one, index) => [
    ...(one.box.right > sheet.right + 2 ? [one.text + ' leaves the sheet'] : []),
    ...words.slice(index + 1).filter((other) => overlap(one.box, other.box))
      .map((other) => one.text + ' lies on ' + other.text),
  ]);
})()`;

const COLOURS = `(() => [
  getComputedStyle(document.querySelector('svg')).backgroundColor,
  getComputedStyle(document.querySelector('text')).fill,
])()`;

let browser: Browser;
let sheets: [string, string][];
beforeAll(async () => {
  browser = await launchBrowser();
  sheets = [...(await documents())].filter(([file]) => file.endsWith('.svg'));
});
afterAll(() => browser.close());

test('no word of a drawing lies on another, and none leaves the sheet', async () => {
  const page = await browser.newPage();
  const found: string[] = [];
  for (const [file, svg] of sheets) {
    await page.setContent(svg);
    const clashes = await page.evaluate<string[]>(CLASHES);
    found.push(...clashes.map((clash) => `${file}: ${clash}`));
  }
  expect(found).toEqual([]);
});

/** 0 to 255, as the eye weighs the three. */
function brightnessOf(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/\d+/g) ?? []).map(Number);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

test.each(['light', 'dark'] as const)(
  'the words of a drawing that stands alone can be read in %s colours',
  async (colorScheme) => {
    const page = await browser.newPage({ colorScheme });
    await page.setContent(sheets[0]?.[1] ?? '');
    const [ground = '', ink = ''] = await page.evaluate<string[]>(COLOURS);
    expect(Math.abs(brightnessOf(ground) - brightnessOf(ink))).toBeGreaterThan(150);
    expect(brightnessOf(ground) > 128).toBe(colorScheme === 'light');
  },
);
