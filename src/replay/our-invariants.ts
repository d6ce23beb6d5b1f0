import { SaxesParser } from 'saxes';
import type { SessionHost } from '../dialer/session-host.ts';
import { isTerminal, parseCallStatus } from '../domain/call-status.ts';
import type { TwimlPlan } from '../domain/twiml-plan.ts';
import type { Replayed, Watcher } from './replayer.ts';
import type { WebhookStep } from './script.ts';
import type { Row } from './timeline.ts';
import type { TwimlText } from './twiml-text.ts';

/** A rule of the product that did not hold. `ours`: by the charts of today; `recorded`: by whoever answered then. */
export interface Break {
  invariant: string;
  by: 'recorded' | 'ours';
  /** Milliseconds since 1970. */
  at: number;
  detail: string;
}

const RANKS = ['idle', 'dialing', 'queued', 'bridged', 'ending', 'completed'];
/** 64 KiB is Twilio's limit (error 11750); 4 KiB is ours. */
const TWIML_BYTES_MAX = 4096;
const VERBS = new Set(
  'Response Say Play Pause Gather Dial Queue Enqueue Leave Redirect Reject Hangup'.split(' '),
);
/** From the answer to an agent or the notice (16 CFR 310.4(b)(1)(iv)). */
const ANSWER_WITHIN_MS = 2000;

interface CallFacts {
  rank: number;
  answered: number;
  ended: number;
  places: number;
  wasBridged: boolean;
  enqueuedAt: number | null;
  /** When Twilio said that the leg is gone. */
  terminalAt: number | null;
}

/** Looks at every step of a replay and writes down which invariants the machines of today break. */
export class OurInvariants implements Watcher {
  readonly breaks: Break[] = [];
  readonly #text: TwimlText;
  readonly #calls = new Map<string, CallFacts>();
  readonly #replies = new Map<string, string>();
  readonly #documents = new Map<string, string | null>();

  constructor(text: TwimlText) {
    this.#text = text;
  }

  row(row: Row, host: SessionHost | null): void {
    if (host) this.#atMostOneLead(row, host);
    this.#ranks(row);
    this.#notices(row);
    this.#orders(row, host);
    for (const anomaly of row.anomalies) {
      if (anomaly.includes('failed')) this.#break('L10', row, anomaly);
    }
    if (row.step?.step === 'webhook') this.#webhook(row, row.step);
  }

  /** What can only be judged when the recording is over. */
  finish({ calls }: Replayed): void {
    for (const { callId, state } of calls) {
      const facts = this.#facts(callId);
      if (facts.terminalAt !== null && state !== 'completed') {
        this.#add('L3', facts.terminalAt, `${callId}: its leg is gone, yet it is ${state}`);
      }
      if (facts.terminalAt !== null && facts.ended !== 1) {
        this.#add('S6', facts.terminalAt, `${callId}: ${facts.ended} "ended" notices`);
      }
      if (facts.wasBridged && facts.answered !== 1) {
        this.#add('S6', facts.terminalAt ?? 0, `${callId}: ${facts.answered} "answered" notices`);
      }
    }
  }

  /** S1 An agent is bridged with at most one lead. */
  #atMostOneLead(row: Row, host: SessionHost): void {
    const { open } = host.snapshot.context;
    if (open.length < 2) return;
    const held = open.filter((id) => {
      const call = host.call(id);
      return call?.matches('queued') || call?.matches('bridged');
    });
    if (held.length > 1) this.#break('S1', row, `one agent holds ${held.join(' and ')}`);
  }

  /** S5 Rank never falls. */
  #ranks(row: Row): void {
    if (!row.call) return;
    const facts = this.#facts(row.call.id);
    const rank = RANKS.indexOf(row.call.after.split('.')[0] ?? '');
    if (rank < facts.rank) this.#break('S5', row, `${row.call.id} fell back to ${row.call.after}`);
    facts.rank = Math.max(rank, facts.rank);
    if (row.call.after.startsWith('bridged')) facts.wasBridged = true;
  }

  /** S6 One "answered", one "ended", in that order. */
  #notices(row: Row): void {
    for (const { type, callId } of row.notices) {
      if (callId === null) continue;
      const facts = this.#facts(callId);
      if (type === 'answered') facts.answered += 1;
      if (type === 'ended') facts.ended += 1;
      const isLate = type === 'answered' && facts.ended > 0;
      if (facts.answered > 1 || facts.ended > 1 || isLate) {
        this.#break('S6', row, `${callId}: "${type}"${isLate ? ' after "ended"' : ' twice'}`);
      }
    }
  }

  /** S3 One create per attempt. S4 Nobody is dialed for an agent who is not on the phone. */
  #orders(row: Row, host: SessionHost | null): void {
    for (const order of row.orders) {
      if (!order.startsWith('place ')) continue;
      const callId = order.slice('place '.length);
      const facts = this.#facts(callId);
      facts.places += 1;
      if (facts.places > 1) this.#break('S3', row, `${callId} was placed ${facts.places} times`);
      if (host?.snapshot.context.consumerSid === null) {
        this.#break('S4', row, `${callId} was placed while her phone was not connected`);
      }
    }
  }

  #webhook(row: Row, step: WebhookStep): void {
    const facts = row.call ? this.#facts(row.call.id) : null;
    const status = parseCallStatus(step.form['CallStatus']);
    const isEnd = step.kind === 'callStatus' && status !== null && isTerminal(status);
    if (facts && facts.places > 0 && isEnd) {
      facts.terminalAt ??= row.at;
    }
    if (facts && row.plan?.plan === 'enqueue') facts.enqueuedAt ??= row.at;
    if (facts?.enqueuedAt != null && row.plan?.plan === 'hold') {
      const waitedMs = row.at - facts.enqueuedAt;
      if (waitedMs > ANSWER_WITHIN_MS) {
        this.#break('L2', row, `${row.call?.id} waits for ${waitedMs} ms and is still held`);
      }
    }
    this.#silence(row, step);
    if (row.anomalies.some((name) => /^(?:stranger|unknown|badForm)/.test(name)) && row.event) {
      this.#break('S7', row, `a request that names nothing of ours caused ${row.event}`);
    }
    this.#sameAgain(row, step);
    if (row.plan) this.#document(row, row.plan);
  }

  /** L2 A person who answers hears the agent's queue or the notice, and is never just hung up on. */
  #silence(row: Row, { kind, form }: WebhookStep): void {
    if (kind !== 'enqueue' || row.plan?.plan !== 'hangUp') return;
    if (/^(?:machine|fax)/.test(form['AnsweredBy'] ?? '')) return;
    this.#break('L2', row, `${row.call?.id ?? 'a person'} answered and heard nothing`);
  }

  /** S8 The same request again: the same reply, and nothing happens. */
  #sameAgain(row: Row, { kind, params, callSid }: WebhookStep): void {
    // What named nothing of ours got a safe answer, and may name something later.
    if (row.plan === null || params['step'] === undefined || row.anomalies.length > 0) return;
    const key = `${kind}/${callSid}/${params['step']}/${params['session'] ?? params['call'] ?? ''}`;
    const reply = JSON.stringify(row.plan);
    const earlier = this.#replies.get(key);
    if (earlier === undefined) this.#replies.set(key, reply);
    else if (earlier !== reply) {
      this.#break('S8', row, `${kind} ${callSid} again: ${reply}, before: ${earlier}`);
    }
  }

  /** S9 Every TwiML parses, is small, uses allowed verbs and cannot fall off its end. */
  #document(row: Row, plan: TwimlPlan): void {
    const key = `${plan.plan}${'after' in plan ? plan.after : ''}${'greet' in plan ? plan.greet : ''}`;
    let fault = this.#documents.get(key);
    if (fault === undefined) {
      fault = faultOf(this.#text.of(plan));
      this.#documents.set(key, fault);
    }
    if (fault !== null) this.#break('S9', row, `${plan.plan}: ${fault}`);
  }

  #facts(callId: string): CallFacts {
    let facts = this.#calls.get(callId);
    if (!facts) {
      facts = {
        rank: 0,
        answered: 0,
        ended: 0,
        places: 0,
        wasBridged: false,
        enqueuedAt: null,
        terminalAt: null,
      };
      this.#calls.set(callId, facts);
    }
    return facts;
  }

  #break(invariant: string, row: Row, detail: string): void {
    this.#add(invariant, row.at, row.line > 0 ? `line ${row.line}: ${detail}` : detail);
  }

  #add(invariant: string, at: number, detail: string): void {
    this.breaks.push({ invariant, by: 'ours', at, detail });
  }
}

/** What is wrong with a document; null if nothing is. An empty `<Response/>` is a deliberate "go on". */
export function faultOf(document: string | null): string | null {
  if (document === null) return null;
  if (Buffer.byteLength(document) > TWIML_BYTES_MAX) return 'longer than 4 KiB';
  const names: string[] = [];
  let last = '';
  let fault: string | null = null;
  let depth = 0;
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    fault ??= error.message;
  });
  parser.on('opentag', (tag) => {
    names.push(tag.name);
    if (++depth === 2) last = tag.name;
    if (['Dial', 'Enqueue', 'Gather'].includes(tag.name) && !tag.attributes['action']) {
      fault ??= `<${tag.name}> names no action`;
    }
  });
  parser.on('closetag', () => {
    depth -= 1;
  });
  try {
    parser.write(document).close();
  } catch (error) {
    // Without the handler above the parser throws; with it, only for a document that is no text.
    return String(error);
  }
  const stranger = names.find((name) => !VERBS.has(name));
  if (stranger !== undefined) fault ??= `<${stranger}> is no verb of ours`;
  if (last !== '' && !['Hangup', 'Redirect', 'Dial', 'Enqueue', 'Leave', 'Reject'].includes(last)) {
    fault ??= `falls off its end after <${last}>`;
  }
  return fault;
}
