import type { SessionEvent } from '../domain/events.ts';
import type { CallSid, SessionId } from '../domain/ids.ts';
import type { SessionView } from '../domain/session-view.ts';
import type { TwimlPlan } from '../domain/twiml-plan.ts';
import type { WebhookRequest } from '../domain/webhook.ts';
import { AccessCodes } from './access-codes.ts';
import { CodeGates } from './code-gates.ts';
import type { LiveSessions } from './live-sessions.ts';
import type { DialerPorts, DialerSettings, ReplyKey } from './ports.ts';
import type { SessionHost } from './session-host.ts';

type DialInRequest = Extract<WebhookRequest, { kind: 'consume' | 'codeKeyed' }>;
type Gate = SessionView['dialIn']['gate'];

/** Pages that wait are told this often at most who is at the code prompt, in milliseconds. */
const TELL_EVERY_MS = 1000;

/** What a phone that dials in sets in motion. */
export interface DialInWork {
  deliver(host: SessionHost, event: SessionEvent, reply: ReplyKey): void;
  /** Her page has something else to show. */
  touch(host: SessionHost | undefined): void;
}

/** Phones that dial in, until a code has told whose they are. Nothing of it survives a restart: the caller is asked again. */
export class DialIn {
  readonly #ports: DialerPorts;
  readonly #number: string;
  readonly #sessions: LiveSessions;
  readonly #work: DialInWork;
  readonly #codes: AccessCodes;
  readonly #gates: CodeGates;
  /** Sessions without a phone whose page is open: they are shown who dials in. */
  readonly #watching = new Set<SessionId>();
  #newest: Gate = null;
  /** As the pages were told last. */
  #shown: Gate = null;
  #quietUntil = 0;
  #willTell = false;

  constructor(
    ports: DialerPorts,
    settings: DialerSettings,
    sessions: LiveSessions,
    work: DialInWork,
  ) {
    this.#ports = ports;
    this.#number = settings.dialInNumber.e164;
    this.#sessions = sessions;
    this.#work = work;
    this.#codes = new AccessCodes(
      ports.random,
      ports.clock,
      settings.accessCodeLifeMs,
      (sessionId) => work.touch(sessions.get(sessionId)),
    );
    this.#gates = new CodeGates((sid, digits, step) => this.#connect(sid, digits, step));
  }

  /** What the page of this session shows of it. */
  view({ sessionId }: SessionHost): SessionView['dialIn'] {
    const accessCode = this.#codes.of(sessionId);
    return { number: this.#number, accessCode, gate: accessCode === null ? null : this.#shown };
  }

  answer(request: DialInRequest, at: number): TwimlPlan {
    if (request.kind === 'consume') return this.#show(this.#gates.greet(request.sid, at), at);
    const { sid, step, digits } = request;
    return (
      this.#replyToConnected(sid, step) ?? this.#show(this.#gates.keyed(sid, step, digits, at), at)
    );
  }

  /** After a turn: a session has a code exactly while it is alive and no phone is connected. */
  keepCode(host: SessionHost): void {
    const { sessionId } = host;
    const { attached, consumerSid } = host.snapshot.context;
    if (!this.#sessions.isLive(sessionId) || consumerSid !== null) return this.revoke(host);
    if (this.#codes.of(sessionId) === null) this.#codes.issue(sessionId);
    if (attached) this.#watching.add(sessionId);
    else this.#watching.delete(sessionId);
  }

  /** Her phone is connected, the session is over, or not ours to connect to any more. */
  revoke({ sessionId }: SessionHost): void {
    this.#codes.revoke(sessionId);
    this.#watching.delete(sessionId);
  }

  forgetLeg(sid: CallSid): void {
    this.#gates.forget(sid);
  }

  /**
   * Every page that waits for a phone sees that one is at the code prompt: whose it is, nobody knows yet. At once, and
   * then together: a floor that comes to work in the same minute would make work with its square.
   */
  #show(plan: TwimlPlan, at: number): TwimlPlan {
    this.#newest = gateOf(plan, at);
    if (this.#willTell) return plan;
    const { clock } = this.#ports;
    this.#willTell = clock.now() < this.#quietUntil;
    if (this.#willTell) clock.wakeAt(this.#quietUntil, () => this.#tell());
    else this.#tell();
    return plan;
  }

  #tell(): void {
    this.#willTell = false;
    this.#shown = this.#newest;
    this.#quietUntil = this.#ports.clock.now() + TELL_EVERY_MS;
    for (const sessionId of this.#watching) this.#work.touch(this.#sessions.get(sessionId));
  }

  /** A repeat of the request that connected her leg: the gate may be gone, her session knows the answer. */
  #replyToConnected(sid: CallSid, step: number): TwimlPlan | null {
    return this.#sessions.ofPhone(sid)?.replyTo({ kind: 'codeKeyed', id: sid, step }) ?? null;
  }

  #connect(sid: CallSid, digits: string, step: number): TwimlPlan | null {
    const sessionId = this.#codes.redeem(digits);
    const host = sessionId ? this.#sessions.get(sessionId) : undefined;
    if (!host || !this.#sessions.isLive(host.sessionId)) {
      this.#ports.report('code.refused', { callSid: sid });
      return null;
    }
    const key: ReplyKey = { kind: 'codeKeyed', id: sid, step };
    this.#work.deliver(host, { type: 'consumer.connected', sid }, key);
    this.#ports.report('consumer.connected', { sessionId: host.sessionId, callSid: sid });
    return host.replyTo(key);
  }
}

function gateOf(plan: TwimlPlan, at: number): Gate {
  if (plan.plan === 'promptCode') {
    return { stage: plan.after === 'wrong' ? 'wrongCode' : 'prompting', at };
  }
  return plan.plan === 'dismiss' ? { stage: 'dismissed', at } : null;
}
