import type { AnyStateMachine } from 'xstate';
import { accessGateMachine } from '../../machines/access-gate.ts';
import { agentSessionMachine } from '../../machines/agent-session.ts';
import { outboundCallMachine } from '../../machines/outbound-call.ts';
import { readChart, type Chart } from './chart.ts';
import { CALL_IGNORES, GATE_IGNORES, SESSION_IGNORES, type Ignored } from './ignored.ts';

export const CHART_NAMES = ['agent-session', 'outbound-call', 'access-gate'] as const;
export type ChartName = (typeof CHART_NAMES)[number];

export interface CataloguedChart {
  name: ChartName;
  /** For whom it stands and what it decides, in a paragraph. */
  purpose: string;
  machine: AnyStateMachine;
  chart: Chart;
  ignored: readonly Ignored[];
}

/** The deadlines of a server that was configured with nothing; a test compares them with one that runs. */
export const DEFAULT_DEADLINES = {
  detachedWithinMs: 120_000,
  closeWithinMs: 200_000,
  limits: {
    createWithinMs: 20_000,
    ringAtLeastMs: 0,
    ringAtMostMs: 45_000,
    bridgeWithinMs: 1500,
    askAgainAfterMs: 15_000,
    lookUpWithinMs: 120_000,
  },
};

/** Which setting moves a deadline; the others are fixed. */
export const SETTINGS_OF_DEADLINES: Readonly<Record<string, string>> = {
  ringAtLeast: 'RING_AT_LEAST_SECONDS',
  ringAtMost: 'RING_SECONDS + 20 s',
  lookUpWithin: 'LOOK_UP_SECONDS',
  closeWithin: 'LOOK_UP_SECONDS + 80 s',
};

/** What a state's tag makes the leg hear that asks for a document in that state. */
export const TWIML_OF_TAGS: Readonly<Record<string, string>> = {
  'twiml.dialQueue': '`<Dial><Queue>`: the agent’s leg waits in her queue (again)',
  'twiml.goodbye': 'goodbye, `<Hangup>`',
  'twiml.prompt': '`<Gather numDigits="6">`',
  'twiml.dismiss': 'goodbye, `<Hangup>`',
  'twiml.enqueue': '`<Enqueue>` into the agent’s queue',
  'twiml.hold': 'the hold sound, once more',
  'twiml.leave': '`<Leave>`: out of the queue',
  'twiml.proceed': 'the hold sound, until the bridge takes it away',
  'twiml.notice': 'the courtesy notice, `<Hangup>`',
  'twiml.lostLine': 'a word that the line was lost, `<Hangup>`',
  'twiml.hangUp': '`<Hangup>`',
};

const MACHINES: Record<ChartName, { machine: AnyStateMachine; ignored: readonly Ignored[] }> = {
  'agent-session': { machine: agentSessionMachine, ignored: SESSION_IGNORES },
  'outbound-call': { machine: outboundCallMachine, ignored: CALL_IGNORES },
  'access-gate': { machine: accessGateMachine, ignored: GATE_IGNORES },
};

const PURPOSES: Record<ChartName, string> = {
  'agent-session':
    'One agent, from sign-in to sign-out. It alone decides who gets the agent: only `dialing` grants, and only once, so the first lead who answers is bridged and every other one is told politely. It owns the agent’s phone leg, the disposition that is owed, and the end of every leg at sign-out. One root actor per session; it spawns one `outboundCall` per attempt.',
  'outbound-call':
    'One attempt to reach one lead: one Twilio call, known by our own id before Twilio has one. It takes REST replies and webhooks in whatever order they come, never places a call twice, and stays until Twilio confirms that the leg is gone. Child of the agent session that asked for it.',
  'access-gate':
    'The code gate of one phone leg that dialed in: prompt, three tries, then a polite end. Every refusal has the same words. One actor per leg, until its code is accepted; it need not survive a restart.',
};

const read = new Map<ChartName, CataloguedChart>();

/** A chart of the product, read from its machine. */
export function catalogued(name: ChartName): CataloguedChart {
  const { machine, ignored } = MACHINES[name];
  const known = read.get(name) ?? {
    name,
    purpose: PURPOSES[name],
    machine,
    chart: readChart(machine, DEFAULT_DEADLINES),
    ignored,
  };
  read.set(name, known);
  return known;
}
