import type { SessionEvent } from '../domain/events.ts';
import type { SessionId } from '../domain/ids.ts';
import type { TwimlPlan } from '../domain/twiml-plan.ts';
import type { WebhookRequest } from '../domain/webhook.ts';
import type { DialIn } from './dial-in.ts';
import type { LiveSessions } from './live-sessions.ts';
import type { Anomaly, DialerPorts, ReplyKey } from './ports.ts';
import { readRequest, unknownLeadPlan, type LeadRequest, type SessionRequest } from './requests.ts';
import type { KeyedOrder, SessionHost } from './session-host.ts';

/** What a request sets in motion. */
export interface AnsweringWork {
  deliver(host: SessionHost, event: SessionEvent, reply?: ReplyKey): void;
  touch(host: SessionHost): void;
  carryOut(host: SessionHost, order: KeyedOrder): void;
}

/** Twilio's requests: each is brought to the session that it names, and answered from the state it leaves (D1, D4). */
export class Answering {
  readonly #ports: DialerPorts;
  readonly #sessions: LiveSessions;
  readonly #dialIn: DialIn;
  readonly #work: AnsweringWork;

  constructor(ports: DialerPorts, sessions: LiveSessions, dialIn: DialIn, work: AnsweringWork) {
    this.#ports = ports;
    this.#sessions = sessions;
    this.#dialIn = dialIn;
    this.#work = work;
  }

  answer(request: WebhookRequest): TwimlPlan {
    switch (request.kind) {
      case 'consume':
      case 'codeKeyed':
        return this.#dialIn.answer(request, this.#ports.clock.now());
      case 'stopConsuming':
      case 'bridging':
        return this.#agentRequest(request);
      case 'enqueue':
      case 'waiting':
      case 'onDequeue':
      case 'callStatus':
        return this.#leadRequest(request);
      case 'fallback':
        this.#anomaly('fallback', request);
        return { plan: 'unavailable' };
    }
  }

  #agentRequest(request: Extract<SessionRequest, { sessionId: SessionId }>): TwimlPlan {
    const host = this.#sessions.get(request.sessionId);
    if (host) return this.#react(host, request);
    const plan = request.kind === 'bridging' ? 'proceed' : 'goodbye';
    return this.#anomaly('unknownSession', request, { plan });
  }

  #leadRequest(request: LeadRequest): TwimlPlan {
    const host = this.#sessions.ofCall(request.callId);
    return host
      ? this.#react(host, request)
      : this.#anomaly('unknownCall', request, unknownLeadPlan(request));
  }

  #react(host: SessionHost, request: SessionRequest): TwimlPlan {
    const reading = readRequest(host, request);
    switch (reading.kind) {
      case 'repeat':
        return reading.plan;
      case 'anomaly':
        if (reading.endsLeg && 'callId' in request) this.#endStranger(host, request);
        // Twilio orders nothing: news of a call that is over comes with most talks. It is counted; no agent is alarmed.
        if (reading.anomaly !== 'finishedCall') {
          host.anomalyAt = this.#ports.clock.now();
          this.#work.touch(host);
        }
        return this.#anomaly(reading.anomaly, request, reading.plan);
      case 'told':
        this.#work.deliver(host, reading.event);
        return { plan: 'noContent' };
      case 'asked': {
        const plan = this.#ask(host, reading.event, reading.key);
        if (reading.event.type === 'consumer.disconnected') this.#dialIn.forgetLeg(request.sid);
        return plan;
      }
    }
  }

  #endStranger(host: SessionHost, { callId, sid }: LeadRequest): void {
    this.#work.carryOut(host, {
      key: `stranger:${sid}`,
      order: { kind: 'endCall', callId, sid, how: 'complete' },
    });
  }

  #anomaly(
    anomaly: Anomaly,
    request: WebhookRequest,
    plan: TwimlPlan = { plan: 'unavailable' },
  ): TwimlPlan {
    this.#ports.report('anomaly', { anomaly, webhook: request.kind, callSid: request.sid });
    return plan;
  }

  #ask(host: SessionHost, event: SessionEvent, key: ReplyKey): TwimlPlan {
    this.#work.deliver(host, event, key);
    return host.replyTo(key) ?? { plan: 'unavailable' };
  }
}
