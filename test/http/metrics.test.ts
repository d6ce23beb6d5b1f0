import { expect, test } from 'vitest';
import { leadNumber, startProduct, type Product } from '../support/product.ts';

async function scrape({ server }: Product, headers: Record<string, string> = {}) {
  const response = await fetch(new URL('/metrics', server.url), { headers });
  return { status: response.status, text: await response.text() };
}

/** The value of one series, by its name with labels. */
function valueOf(text: string, series: string): number | null {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? null : Number(line.split(' ')[1]);
}

test('the metrics tell of sessions, calls, webhooks, outcomes and the disk', async () => {
  const product = await startProduct([{ answerAfterMs: 5, talkMs: 60_000 }]);
  const page = await product.connect();
  await page.request('agent.callLeads', {});
  await page.untilState('bridged');
  const during = (await scrape(product)).text;
  expect(valueOf(during, 'autoconnect_sessions{state="bridged"}')).toBe(1);
  expect(valueOf(during, 'autoconnect_sessions{state="idle"}')).toBe(0);
  expect(valueOf(during, 'autoconnect_calls{state="bridged"}')).toBe(1);

  await page.request('agent.hangUp', {});
  await page.untilState('consumerConnected', 'wrappingUp');
  const after = (await scrape(product)).text;
  expect(valueOf(after, 'autoconnect_calls_ended_total{outcome="talked"}')).toBe(1);
  expect(valueOf(after, 'autoconnect_calls_answered_by_person_total')).toBe(1);
  expect(valueOf(after, 'autoconnect_calls_placed_total')).toBe(1);
  expect(valueOf(after, 'autoconnect_calls_abandoned_total')).toBe(0);
  expect(
    valueOf(after, 'autoconnect_webhook_duration_seconds_count{route="enqueue",status="200"}'),
  ).toBe(1);
  expect(valueOf(after, 'autoconnect_journal_commit_seconds_count')).toBeGreaterThan(0);
  expect(valueOf(after, 'autoconnect_journal_entries_total')).toBeGreaterThan(10);
  expect(valueOf(after, 'nodejs_eventloop_lag_p99_seconds')).not.toBeNull();
  for (const personal of [leadNumber(0), 'Grace', 'Lead 0']) expect(after).not.toContain(personal);
});

test('a forged webhook is counted by its status', async () => {
  const product = await startProduct([]);
  await fetch(new URL('/twilio-webhook/consume', product.server.url), { method: 'POST' });
  const { text } = await scrape(product);
  const series = 'autoconnect_webhook_duration_seconds_count{route="consume",status="403"}';
  expect(valueOf(text, series)).toBe(1);
});

test('without a token only this machine reads the metrics, and no proxy for others', async () => {
  const product = await startProduct([]);
  expect((await scrape(product)).status).toBe(200);
  expect((await scrape(product, { 'x-forwarded-for': '192.0.2.1' })).status).toBe(403);
});

test('with a token nobody reads the metrics without it', async () => {
  const product = await startProduct([], { env: { METRICS_TOKEN: 'sixteen-or-more-characters' } });
  expect((await scrape(product)).status).toBe(403);
  expect((await scrape(product, { authorization: 'Bearer wrong' })).status).toBe(403);
  const authorization = 'Bearer sixteen-or-more-characters';
  expect((await scrape(product, { authorization })).status).toBe(200);
});
