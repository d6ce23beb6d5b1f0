import { signature } from '../../src/simulator/signature.ts';
import { WEBHOOK_ROOT } from '../../src/twilio/paths.ts';

/** Nothing real: the SID is zeros, the token says what it is. */
export const ACCOUNT_SID = 'AC00000000000000000000000000000001';
export const AUTH_TOKEN = 'benchmark-auth-token';
export const PUBLIC_BASE_URL = 'https://dialer.example.com';

/** An agent who waits in her queue, and her calls: the first has answered and waits for her, the others ring. */
export interface BenchSession {
  sessionId: string;
  consumerSid: string;
  calls: { callId: string; sid: string }[];
}

/** The ids of as many sessions, for contestants that look at no id. */
export function anySessions(count: number, callsEach = 3): BenchSession[] {
  return Array.from({ length: count }, (_, session) => ({
    sessionId: id('s', session),
    consumerSid: sid('a', session),
    calls: Array.from({ length: callsEach }, (_call, call) => ({
      callId: id('c', session * 10 + call),
      sid: sid('b', session * 10 + call),
    })),
  }));
}

const id = (mark: string, index: number): string => `${mark}${String(index).padStart(21, '0')}`;
export const sid = (mark: string, index: number): string =>
  `CA${mark}${String(index).padStart(31, '0')}`;

/** The fields that Twilio sends with every request of a call between two numbers in North America. */
function fields(callSid: string, isAgent: boolean, callStatus: string): Record<string, string> {
  const [from, to] = isAgent ? ['+13155550150', '+13155550100'] : ['+13155550100', '+12125550123'];
  return {
    AccountSid: ACCOUNT_SID,
    ApiVersion: '2010-04-01',
    CallSid: callSid,
    CallStatus: callStatus,
    Called: to,
    CalledCity: 'NEW YORK',
    CalledCountry: 'US',
    CalledState: 'NY',
    CalledZip: '10001',
    Caller: from,
    CallerCity: 'WESTON',
    CallerCountry: 'US',
    CallerState: 'NY',
    CallerZip: '10001',
    Direction: isAgent ? 'inbound' : 'outbound-api',
    From: from,
    FromCity: 'WESTON',
    FromCountry: 'US',
    FromState: 'NY',
    FromZip: '10001',
    To: to,
    ToCity: 'NEW YORK',
    ToCountry: 'US',
    ToState: 'NY',
    ToZip: '10001',
  };
}

export const leadFields = (callSid: string, callStatus: string): Record<string, string> =>
  fields(callSid, false, callStatus);
export const agentFields = (callSid: string, callStatus: string): Record<string, string> =>
  fields(callSid, true, callStatus);

export function statusFields(
  callSid: string,
  callStatus: string,
  sequence: number,
): Record<string, string> {
  return {
    ...leadFields(callSid, callStatus),
    CallbackSource: 'call-progress-events',
    SequenceNumber: `${sequence}`,
    Timestamp: 'Mon, 07 Jan 2030 15:00:00 +0000',
  };
}

/** A signed POST as it goes over the wire. */
export function signedPost(
  path: string,
  form: Record<string, string>,
  { token = AUTH_TOKEN, baseUrl = PUBLIC_BASE_URL } = {},
): Buffer {
  const target = WEBHOOK_ROOT + path;
  const signed = signature(token, baseUrl + target, Object.entries(form));
  const body = new URLSearchParams(form).toString();
  return Buffer.from(
    `POST ${target} HTTP/1.1\r\nHost: dialer.example.com\r\nUser-Agent: TwilioProxy/1.1\r\nAccept: */*\r\n` +
      `Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\nX-Twilio-Signature: ${signed}\r\n` +
      `I-Twilio-Idempotency-Token: 00000000-0000-4000-8000-000000000001\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
}

/**
 * Requests that change a live session each time they come, for as long as one likes: of four, two are status
 * callbacks (answered 204), one asks what a waiting lead shall hear, one where the agent's leg goes next (TwiML).
 */
export class Traffic {
  readonly #sessions: readonly BenchSession[];
  #ready: Buffer[] = [];
  #taken = 0;
  #count = 0;

  constructor(sessions: readonly BenchSession[]) {
    this.#sessions = sessions;
  }

  /** Signs ahead, so that the driver is quick while it measures. */
  prepare(count: number): void {
    this.#ready = this.#ready.slice(this.#taken);
    this.#taken = 0;
    while (this.#ready.length < count) this.#ready.push(this.#make());
  }

  readonly next = (): Buffer => this.#ready[this.#taken++] ?? this.#make();

  /** The same requests again and again: for contestants that do not mind. */
  static endless(sessions: readonly BenchSession[], count: number): () => Buffer {
    const traffic = new Traffic(sessions);
    const requests = Array.from({ length: count }, () => traffic.#make());
    let index = 0;
    return () => requests[index++ % count] as Buffer;
  }

  #make(): Buffer {
    const round = Math.floor(this.#count / (4 * this.#sessions.length));
    const session = this.#sessions[Math.floor(this.#count / 4) % this.#sessions.length];
    const kind = this.#count++ % 4;
    if (!session) throw new Error('nobody is there');
    const [queued, ringing = queued, other = ringing] = session.calls;
    if (!queued || !ringing || !other) throw new Error('nobody was called');
    const status = round % 2 === 0 ? 'ringing' : 'initiated';
    switch (kind) {
      case 0:
      case 2: {
        const call = kind === 0 ? ringing : other;
        return signedPost(
          `/call-status-event/${call.callId}`,
          statusFields(call.sid, status, round % 4),
        );
      }
      case 1:
        return signedPost(`/waiting/${queued.callId}/${1 + (round % 999_999)}`, {
          ...leadFields(queued.sid, 'in-progress'),
          CurrentQueueSize: '1',
          QueuePosition: '1',
          QueueSid: 'QU00000000000000000000000000000001',
          QueueTime: '1',
        });
      default:
        return signedPost(`/stop-consuming/${session.sessionId}/${1 + (round % 999_999)}`, {
          ...agentFields(session.consumerSid, 'in-progress'),
          DialCallStatus: 'no-answer',
        });
    }
  }
}
