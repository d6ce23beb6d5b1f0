import { checkKeys } from './known-keys.ts';
import type { Random } from './random.ts';

/**
 * What can be made to go wrong, on Twilio's side and on the way. The ids F01… are those of the project's fault model.
 * A fault with a value says what the value is.
 */
export const FAULTS = {
  'create.delay':
    'F01: the answer to POST Calls comes late (value: ms); webhooks do not wait for it',
  'create.replyLost': 'F02: the call is placed, the connection breaks before the answer',
  'create.requestLost': 'F03: the call is not placed, the connection breaks',
  'create.429': 'F04: POST Calls is refused with 429 / 20429; nothing is placed',
  'create.5xxAfterPlace': 'F05: the call is placed, the answer is 500 / 20500',
  'create.5xxBefore': 'F05: the call is not placed, the answer is 503 / 20503',
  'create.error':
    'F07: POST Calls is refused (value: the code, such as 21211, 21214, 21215, 21216)',
  cps: 'F06: the account starts only so many calls a second (value: calls a second)',
  'status.drop': 'F08: a status callback is not sent',
  'status.dup': 'F09: a status callback is sent twice, same token',
  'status.reorder': 'F10: a status callback is overtaken by the next one',
  'status.delay': 'F10: a status callback is sent late (value: ms)',
  'status.noSipCode': 'the last status callback lacks SipResponseCode',
  'status.busy487': 'a busy call reports SipResponseCode 487 instead of 486',
  'twiml.retry':
    'F11: a TwiML request is sent, its connection fails for Twilio, and it is sent again, same token',
  'twiml.slow':
    'F12: the answer to a TwiML request takes longer (value: ms; over 15000 is a timeout)',
  'twiml.replyLost': 'F12: the answer to a TwiML request never reaches Twilio',
  'server.down':
    'F13: webhooks find nobody (value: "refused", the default, or an HTTP status such as 502)',
  'lead.hangup@ringing': 'F14: an outbound call is declined while it rings',
  'lead.hangup@answer': 'F14: the called person hangs up at the moment of the answer',
  'lead.hangup@queued': 'F14: … while waiting in a queue',
  'lead.hangup@whisper': 'F14: … while the bridge is being made',
  'lead.hangup@bridged': 'F14: … in mid-talk (value: ms after the bridge)',
  'agent.hangup@prompted': 'F15: an inbound caller hangs up while asked for digits',
  'agent.hangup@waiting':
    'F15: an inbound caller hangs up while dialing an empty queue (value: ms later)',
  'agent.hangup@whisper': 'F15: … while the member hears the whisper',
  'agent.hangup@bridged': 'F16: … in mid-talk (value: ms after the bridge)',
  'clock.skip': 'F17: a Dial that waits in a queue reaches its timeout at once',
  'twilio.outage': 'F28: every REST request is answered 503, and no webhook is sent',
  'auth.rotate': 'F29: webhooks are signed with another token (value: the token)',
  'proxy.rewrite':
    'F30: a proxy alters the request (value: "path", the default, "query" or "host")',
  'lead.machine': 'F31: an outbound call is answered by a machine',
  'rest.429': 'any REST request is refused with 429 / 20429',
  'rest.hang': 'any REST request is never answered',
  'rest.lag': 'GET of a call shows the status before the last one',
  'answer.zero': 'an outbound call is answered the moment it is placed',
  'url.beforeAnswered': 'the TwiML request overtakes the answered callback',
  'whisper.delay': 'a queue hand-over takes longer (value: ms)',
  'hangup.latency': 'a call takes longer to end after the last verb (value: ms)',
  'amd.late': 'the verdict about a machine comes late (value: ms)',
  'amd.twice': 'the verdict about a machine is sent twice',
  'amd.never': 'the verdict about a machine is never sent',
} as const;

export type FaultName = keyof typeof FAULTS;

/** When a fault strikes: by chance, or scripted for the next `times` occasions that match. */
export interface FaultRule {
  /** 0 to 1; default 1. */
  probability?: number;
  /** Strike so often, then never again. */
  times?: number;
  /** Let so many matching occasions pass first. */
  after?: number;
  value?: number | string;
  /** Only calls from or to this number. */
  number?: string;
  /** Only requests whose URL contains this. */
  urlContains?: string;
}

const RULE_KEYS: readonly (keyof FaultRule)[] = [
  'probability',
  'times',
  'after',
  'value',
  'number',
  'urlContains',
];

export interface Occasion {
  readonly numbers?: readonly string[];
  readonly url?: string;
}

interface LiveRule extends FaultRule {
  random: Random;
  struck: number;
  passed: number;
}

export class Faults {
  readonly #random: Random;
  readonly #rules = new Map<FaultName, LiveRule>();

  constructor(random: Random) {
    this.#random = random;
  }

  set(name: FaultName, rule: FaultRule | null): void {
    if (!isFaultName(name)) throw new Error(`no fault is called ${String(name)}; see FAULTS`);
    if (rule !== null) checkKeys(`the fault ${name}`, rule, RULE_KEYS);
    if (rule === null) this.#rules.delete(name);
    else
      this.#rules.set(name, {
        ...rule,
        random: this.#random.fork(`fault/${name}`),
        struck: 0,
        passed: 0,
      });
  }

  /** Scripted form: the next occasion, or the next `times`. */
  next(name: FaultName, rule: FaultRule = {}): void {
    this.set(name, { times: 1, ...rule });
  }

  clear(): void {
    this.#rules.clear();
  }

  /** Replaces all rules: `{ "create.429": { "probability": 0.1 } }`. */
  replace(rules: Readonly<Record<string, FaultRule>>): void {
    const names = Object.keys(rules);
    const unknown = names.find((name) => !isFaultName(name));
    if (unknown !== undefined) throw new Error(`no fault is called ${unknown}; see FAULTS`);
    this.clear();
    for (const name of names) this.set(name as FaultName, rules[name]!);
  }

  /** What is set, and how often each has struck. */
  report(): Record<string, FaultRule & { struck: number }> {
    return Object.fromEntries(
      [...this.#rules].map(([name, { random: _, passed: __, ...rule }]) => [name, rule]),
    );
  }

  /** Whether the fault strikes on this occasion; the rule tells its value. */
  strikes(name: FaultName, occasion: Occasion = {}): FaultRule | null {
    const rule = this.#rules.get(name);
    if (!rule || !matches(rule, occasion)) return null;
    if (rule.times !== undefined && rule.struck >= rule.times) return null;
    if (rule.passed < (rule.after ?? 0)) {
      rule.passed += 1;
      return null;
    }
    if (!rule.random.chance(rule.probability ?? 1)) return null;
    rule.struck += 1;
    return rule;
  }

  /** Delay of a fault with a value in milliseconds; 0 when it does not strike. */
  delayMs(name: FaultName, occasion: Occasion, defaultMs: number): number {
    const rule = this.strikes(name, occasion);
    return rule ? Number(rule.value ?? defaultMs) : 0;
  }
}

function matches(rule: FaultRule, occasion: Occasion): boolean {
  if (rule.number !== undefined && !occasion.numbers?.includes(rule.number)) return false;
  return rule.urlContains === undefined || (occasion.url?.includes(rule.urlContains) ?? false);
}

function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(FAULTS, name);
}

/**
 * Faults as one line, for an environment variable: `create.429=0.1,status.delay=0.05:2000,twiml.slow=1:16000*2`
 * (probability, then value after a colon, then how many times after a star).
 */
export function parseFaults(line: string): Record<string, FaultRule> {
  const rules: Record<string, FaultRule> = {};
  for (const part of line.split(',').filter((text) => text.trim() !== '')) {
    const match = /^\s*([\w.@]+)(?:=([\d.]+)?(?::([^*]+))?(?:\*(\d+))?)?\s*$/.exec(part);
    const name = match?.[1] ?? '';
    if (!match || !isFaultName(name))
      throw new Error(
        `not a fault: ${part.trim()}; docs/simulator.md tells their form, FAULTS their names`,
      );
    const [, , probability, value, times] = match;
    rules[name] = {
      ...(probability !== undefined && { probability: Number(probability) }),
      ...(value !== undefined && { value: /^\d+$/.test(value) ? Number(value) : value }),
      ...(times !== undefined && { times: Number(times) }),
    };
  }
  return rules;
}
