// How quick the desk is, in the built page and server: npm run desk-speed [ROWS]. Measured and printed, judged by whoever
// reads it; a machine that does other things shows other figures.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { TIMINGS } from '../../src/simulator/options.ts';
import { serveNetwork } from '../../src/simulator/serve.ts';
import { TEXTS } from '../../src/web/texts.ts';
import { launchBrowser } from '../support/browser.ts';
import { freePort, ServerProcess } from '../support/server-process.ts';
import { firstLoadBytes } from '../web/support/first-load.ts';
import { fictionalList } from './fictional-numbers.ts';

const ROWS = Number(process.argv[2] ?? 100_000);
const TALKS = 10;
const SEARCHES = ['Person 4242', 'company 42', '555012', 'nobody at all', 'syracuse'];

const print = (what: string, figure: string): void => console.log(`${what.padEnd(46)} ${figure}`);
const ms = (value: number): string => `${value.toFixed(0)} ms`;
function spread(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return `median ${ms(at(0.5) ?? 0)}, p95 ${ms(at(0.95) ?? 0)}, longest ${ms(sorted.at(-1) ?? 0)}`;
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await act();
  return performance.now() - from;
}

/**
 * In the page: when the server's word of a bridge arrived (`at` is the server's clock, of the same machine), and when the
 * lead's details had been painted. Two frames after the details are in the document the first of them is on the screen.
 */
const WATCH_BRIDGES = `
  window.bridges = [];
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...args) {
      super(...args);
      this.addEventListener('message', ({ data }) => {
        const { method, params } = JSON.parse(data);
        if (method !== 'call.answered') return;
        const told = performance.now();
        const wait = () => {
          const panel = document.querySelector('[data-stage=bridged] dl, [data-stage=queued] dl');
          if (!panel) return requestAnimationFrame(wait);
          requestAnimationFrame(() => requestAnimationFrame(() => {
            window.bridges.push({ fromNotice: performance.now() - told, fromServer: Date.now() - params.at });
          }));
        };
        wait();
      });
    }
  };`;

/** In the page: scrolls so many pixels a frame through the list for 4 s; the time of each frame, and rows not there yet. */
const SCROLL = (pxPerFrame: number) => `new Promise((done) => {
  const place = document.querySelector('[role=tabpanel] [role=region]');
  place.scrollTop = 0;
  const frames = []; let last = performance.now(); let blank = 0; const from = last;
  const step = (now) => {
    frames.push(now - last); last = now;
    const rows = [...place.querySelectorAll('tbody tr[aria-rowindex]')];
    if (rows.length === 0 || rows.some((row) => row.textContent.startsWith('…'))) blank += 1;
    place.scrollTop += ${pxPerFrame};
    if (now - from < 4000) requestAnimationFrame(step);
    else done({ frames: frames.slice(1), blank });
  };
  requestAnimationFrame(step);
})`;

/** Looks at each frame; a string that is evaluated again and again is what the page's policy refuses. */
const untilTrue = (page: Page, expression: string): Promise<unknown> =>
  page.evaluate(`new Promise((done) => {
    const look = () => (${expression} ? done() : requestAnimationFrame(look));
    look();
  })`);

async function connect(page: Page): Promise<void> {
  await page.getByRole('textbox', { name: TEXTS.signIn.name }).fill('Grace');
  await page.keyboard.press('Enter');
  const code = await page.getByText(/^\d{3} \d{3}$/).innerText();
  await page.keyboard.press('d');
  await page.getByText('Enter your access code.').waitFor();
  await page.keyboard.type(code.replace(' ', ''));
  await page.getByText('hold music').waitFor();
}

/** The built-in leads are not part of it. */
async function clearList(page: Page): Promise<void> {
  await page.keyboard.press('l');
  await page.getByRole('button', { name: TEXTS.leads.clear }).click();
  await page.getByRole('dialog').getByRole('button', { name: TEXTS.clearSheet.confirm }).click();
  await page.getByText(TEXTS.leads.none).waitFor();
  await page.keyboard.press('r');
}

async function measureImport(page: Page): Promise<void> {
  const { importSheet } = TEXTS;
  await page.keyboard.press('i');
  await page.getByRole('button', { name: importSheet.choose }).waitFor();
  const buffer = Buffer.from(fictionalList(ROWS));
  const file = { name: 'list.csv', mimeType: 'text/csv', buffer };
  const add = page.getByRole('button', { name: importSheet.add(ROWS) });
  const looked = await timed(async () => {
    await page.locator('input[type=file]').setInputFiles(file);
    await add.waitFor();
  });
  print(`${ROWS} rows (${(buffer.length / 1e6).toFixed(1)} MB) looked through`, ms(looked));
  const added = await timed(async () => {
    await add.click();
    await page.getByText(importSheet.done(ROWS)).waitFor();
  });
  print('added to the list', ms(added));
}

async function measureList(page: Page): Promise<void> {
  const rows = page.getByRole('tabpanel').locator('[data-lead-state]');
  const paint = await timed(async () => {
    await page.keyboard.press('l');
    await rows.first().waitFor();
  });
  print('key L until the first rows are seen', ms(paint));
  for (const [how, px] of [
    ['slowly (40 px a frame)', 40],
    ['quickly (600 px a frame)', 600],
  ] as const) {
    const { frames, blank } = await page.evaluate<{ frames: number[]; blank: number }>(SCROLL(px));
    const share = ((blank / frames.length) * 100).toFixed(0);
    print(`frames while scrolling ${how}`, `${spread(frames)}; ${share} % with rows to come`);
  }
  const status = page.getByRole('tabpanel').getByRole('status');
  const times: number[] = [];
  for (const search of SEARCHES) {
    const before = (await status.textContent()) ?? '';
    times.push(
      await timed(async () => {
        await page.getByLabel(TEXTS.leads.search).fill(search);
        await untilTrue(
          page,
          `document.querySelector('[role=tabpanel] [role=status]')?.textContent !== ${JSON.stringify(before)}`,
        );
      }),
    );
  }
  print('search, last key until the rows found are seen', spread(times));
  await page.getByLabel(TEXTS.leads.search).fill('');
  await page.evaluate('document.activeElement.blur()');
}

async function measureTalks(page: Page): Promise<void> {
  const h1 = page.getByRole('heading', { level: 1 });
  const until = (title: string) => h1.filter({ hasText: title }).waitFor();
  for (let talk = 0; talk < TALKS; talk += 1) {
    await page.keyboard.press('c');
    await until(TEXTS.situation.title.bridged);
    await untilTrue(page, `window.bridges.length === ${talk + 1}`);
    await page.keyboard.press('h');
    await until(TEXTS.situation.title.wrappingUp);
    await page.keyboard.press('1');
    await until(TEXTS.situation.title.ready);
  }
  const bridges = await page.evaluate<{ fromNotice: number; fromServer: number }[]>('bridges');
  const { length } = bridges;
  print(
    `bridge told by the server → details seen (${length})`,
    spread(bridges.map(({ fromServer }) => fromServer)),
  );
  print('  of which in the page', spread(bridges.map(({ fromNotice }) => fromNotice)));
  await page.keyboard.press('c');
  await until(TEXTS.situation.title.bridged);
  const reload = await timed(async () => {
    await page.reload({ waitUntil: 'commit' });
    await until(TEXTS.situation.title.bridged);
  });
  print('reload in a talk until the talk is seen again', ms(reload));
}

const network = await serveNetwork({
  numbers: [{ phoneNumber: '+13155550100' }],
  callsPerSecond: 100,
  timings: TIMINGS.brisk,
  people: {
    mix: {
      weights: { person: 1, machine: 0, busy: 0, noAnswer: 0, unreachable: 0, rejects: 0 },
      answerAfterMs: [50, 50],
      talkMs: [60_000, 60_000],
    },
  },
});
const server = new ServerProcess(await freePort(), {
  SIMULATOR_URL: network.url,
  STORE: join(mkdtempSync(join(tmpdir(), 'auto-connect-')), 'store.db'),
  LINES: '1',
});
const browser = await launchBrowser();
try {
  await server.start();
  const page = await browser.newPage({ locale: 'en-US' });
  page.setDefaultTimeout(60_000);
  await page.addInitScript({ content: WATCH_BRIDGES });
  print('first load, compressed JavaScript', `${((await firstLoadBytes()) / 1000).toFixed(0)} kB`);
  await page.goto(server.url);
  await connect(page);
  await clearList(page);
  await measureImport(page);
  await measureList(page);
  await measureTalks(page);
} finally {
  await browser.close();
  await server.end('SIGKILL');
  await network.close();
}
