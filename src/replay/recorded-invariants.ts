import { isTerminal, parseCallStatus } from '../domain/call-status.ts';
import type { Break } from './our-invariants.ts';
import type { RecordedEntry, RecordedRequest } from './recording.ts';
import type { Script, WebhookStep } from './script.ts';

/** Whole seconds are all that a queue time has; the rule is two (16 CFR 310.4(b)(1)(iv)). */
const ANSWER_WITHIN_SECONDS = 2;
/** L1: a reply within a second. */
const REPLY_WITHIN_MS = 1000;
const LOGS_ERROR = 'an empty reply without a document (error 11200)';

/** Which invariants the recorded behaviour breaks, as far as a recording can show it. */
export function recordedBreaks(entries: readonly RecordedEntry[], script: Script): Break[] {
  const judge = new RecordedInvariants(script);
  for (const entry of entries) judge.entry(entry);
  return judge.breaks;
}

class RecordedInvariants {
  readonly breaks: Break[] = [];
  readonly #steps = new Map<RecordedRequest, WebhookStep>();
  readonly #answeredAt = new Map<string, number[]>();
  /** Lines of the requests that said that a leg's talk is over. */
  readonly #over = new Map<string, number>();
  readonly #talking = new Map<string, string>();
  readonly #replies = new Map<string, string>();
  #account: string | null = null;
  #latest: WebhookStep | null = null;

  constructor(script: Script) {
    for (const step of script.steps) {
      if (step.step === 'webhook' && step.recorded) this.#steps.set(step.recorded, step);
    }
  }

  entry(entry: RecordedEntry): void {
    if (entry.kind === 'said' && entry.said.what === 'partyConnected')
      this.#connected(entry.line, entry.at);
    if (entry.kind !== 'request') return;
    const step = this.#steps.get(entry);
    if (!step) return;
    this.#latest = step;
    this.#sameAccount(step);
    this.#reply(step, entry);
    this.#bridges(step);
    this.#repeats(step, entry);
  }

  /** S6, S5: the page was told "answered". */
  #connected(line: number, at: number): void {
    const callSid = this.#latest?.callSid;
    if (callSid === undefined) return;
    const lines = [...(this.#answeredAt.get(callSid) ?? []), line];
    this.#answeredAt.set(callSid, lines);
    if (lines.length > 1) {
      const all = lines.join(' and ');
      this.#add(
        'S6',
        at,
        `${callSid}: ${lines.length} "answered" notices, lines ${all}; one is right`,
      );
    }
    const over = this.#over.get(callSid);
    if (over !== undefined) {
      this.#add(
        'S5',
        at,
        `${callSid}: "answered" on line ${line} after line ${over} had ended the talk`,
      );
    }
  }

  /** S7: events of another account. */
  #sameAccount({ form, at, line }: WebhookStep): void {
    const account = form['AccountSid'] ?? null;
    this.#account ??= account;
    if (account !== null && account !== this.#account) {
      this.#add('S7', at, `line ${line}: a request of another account was answered`);
    }
  }

  /** S9: a document that is none. L1: a reply that took long. */
  #reply({ kind, at, line, callSid }: WebhookStep, { answered }: RecordedRequest): void {
    if (!answered) return;
    const isCallback = kind === 'callStatus' || kind === 'agentStatus';
    const where = `line ${line}: ${kind} of ${callSid}`;
    if (!isCallback && answered.status >= 400)
      this.#add('S9', at, `${where} was answered ${answered.status}`);
    else if (!isCallback && answered.bodyBytes === 0) {
      const harm =
        kind === 'bridging'
          ? ', the bridge is made all the same'
          : ', it ends the call with an error message';
      this.#add('S9', at, `${where} got ${LOGS_ERROR}${harm}`);
    }
    if (answered.tookMs !== null && answered.tookMs > REPLY_WITHIN_MS) {
      this.#add('L1', at, `${where} took ${answered.tookMs} ms`);
    }
  }

  /** S1: one agent, one lead. L2: bridged within two seconds. */
  #bridges(step: WebhookStep): void {
    const { kind, form, at, line, callSid } = step;
    const status = parseCallStatus(form['CallStatus']);
    const waitedSeconds = Number(form['QueueTime'] ?? 0);
    const isUnserved = kind === 'onDequeue' && form['QueueResult'] !== 'bridged';
    if ((kind === 'bridging' || isUnserved) && waitedSeconds > ANSWER_WITHIN_SECONDS) {
      this.#add('L2', at, `line ${line}: ${callSid} waited ${waitedSeconds} s for the agent`);
    }
    const consumer = form['DequeingCallSid'];
    if (kind === 'bridging' && consumer !== undefined) {
      const other = this.#talking.get(consumer);
      if (other !== undefined && other !== callSid) {
        this.#add('S1', at, `line ${line}: ${consumer} is bridged with ${callSid} and ${other}`);
      }
      this.#talking.set(consumer, callSid);
    }
    const isOver = kind === 'callStatus' && status !== null && isTerminal(status);
    if (kind === 'onDequeue' || isOver) this.#end(callSid, line);
    if (kind === 'stopConsuming') this.#talking.delete(callSid);
  }

  #end(callSid: string, line: number): void {
    if (!this.#over.has(callSid)) this.#over.set(callSid, line);
    for (const [consumer, lead] of this.#talking) {
      if (lead === callSid) this.#talking.delete(consumer);
    }
  }

  /** S8: the same request, another reply. */
  #repeats({ at, line, kind, callSid }: WebhookStep, { token, answered }: RecordedRequest): void {
    if (token === null || answered === null) return;
    const reply = `${answered.status} ${answered.body ?? answered.bytes}`;
    const earlier = this.#replies.get(token);
    this.#replies.set(token, earlier ?? reply);
    if (earlier !== undefined && earlier !== reply) {
      this.#add(
        'S8',
        at,
        `line ${line}: ${kind} of ${callSid} came again and was answered otherwise`,
      );
    }
  }

  #add(invariant: string, at: number, detail: string): void {
    this.breaks.push({ invariant, by: 'recorded', at, detail });
  }
}
