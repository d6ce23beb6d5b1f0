import type { Logger } from 'pino';
import type { Report, Reports } from '../dialer/ports.ts';

type Level = 'error' | 'warn' | 'info' | 'debug';

/**
 * Report name → level and words: the one place that formats. `error` someone must act, `warn` handled but unusual,
 * `info` one line for each step of a call. Details hold ids only, no number, name or code.
 */
const LINES: { [Name in keyof Reports]: readonly [Level, string] } = {
  'session.opened': ['info', 'agent signed in'],
  'session.closed': ['info', 'agent signed out'],
  'session.outdated': ['warn', 'session of another chart version was ended'],
  'session.failed': ['error', 'session actor failed'],
  'session.rebuilt': ['warn', 'session rebuilt from the journal'],
  'session.notRebuilt': ['error', 'session not rebuilt: the journal cannot be read'],
  'session.givenUp': ['error', 'session fails again and again: its legs are ended'],
  'call.placed': ['info', 'call placed'],
  'call.refused': ['warn', 'call not placed'],
  'call.answered': ['info', 'lead bridged'],
  'call.ended': ['info', 'call ended'],
  'consumer.connected': ['info', 'agent phone connected'],
  'consumer.disconnected': ['info', 'agent phone disconnected'],
  'code.refused': ['warn', 'access code refused'],
  'dialer.recovered': ['info', 'sessions recovered from the journal'],
  'clock.behind': ['warn', 'the clock was set back; time goes on from the newest entry'],
  'leg.orphaned': ['warn', 'ended a leg that nobody owns'],
  'effect.failed': ['warn', 'effect failed'],
  'effect.retried': ['debug', 'effect begun again'],
  anomaly: ['warn', 'anomaly'],
  'journal.failed': ['error', 'journal cannot be written'],
  'journal.writable': ['warn', 'journal can be written again'],
};

export function logReports(logger: Logger): Report {
  return (name, details) => {
    const [level, words] = LINES[name];
    const line: object = { report: name, ...details };
    logger[isOrdinary(details) ? 'debug' : level](line, words);
  };
}

/** Twilio orders nothing: news of a call that is over comes with most talks, and a stream of warnings hides the others. */
const isOrdinary = (details: object): boolean =>
  'anomaly' in details && details.anomaly === 'finishedCall';
