import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { Anomaly } from '../../src/dialer/ports.ts';
import { logReports } from '../../src/reports/log-reports.ts';

function levelOf(anomaly: Anomaly): string | undefined {
  const lines: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => lines.push(line) });
  logReports(logger)('anomaly', { anomaly, webhook: 'callStatus', callSid: null });
  const { level } = JSON.parse(lines.join('')) as { level: number };
  return pino.levels.labels[level];
}

test('late news of a finished call alarms nobody; news of a call that nobody knows does', () => {
  expect(levelOf('finishedCall')).toBe('debug');
  expect(levelOf('unknownCall')).toBe('warn');
});
