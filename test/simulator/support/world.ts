import twilio from 'twilio';
import { Network, type NetworkSettings } from '../../../src/simulator/network.ts';
import { SIMULATED_ACCOUNT, TIMINGS } from '../../../src/simulator/options.ts';
import {
  inProcessTransport,
  type InProcessReply,
  type TransportRequest,
} from '../../../src/simulator/transport.ts';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';

export const OURS = '+13155550100';
export const AGENT = '+13155550133';
export const LEAD = '+18005550144';
export const APP = 'http://app.test';

export interface Received {
  readonly at: number;
  readonly path: string;
  readonly method: string;
  readonly url: string;
  readonly params: Record<string, string>;
  readonly headers: Readonly<Record<string, string>>;
  readonly isSigned: boolean;
}

export interface RestAnswer {
  httpStatus: number;
  sid: string;
  [field: string]: unknown;
}

export type Answer = (
  request: Received,
) => InProcessReply | string | Promise<InProcessReply | string>;

/** A network on the virtual clock, with an application that is a table from path to answer. */
export class World {
  readonly clock: VirtualClock;
  readonly network: Network;
  readonly received: Received[] = [];
  readonly #answers = new Map<string, Answer>();

  constructor(settings: Partial<NetworkSettings> = {}, startAt?: number) {
    this.clock = new VirtualClock(startAt === undefined ? {} : { startAt });
    this.network = new Network({
      numbers: [{ phoneNumber: OURS, voiceUrl: `${APP}/voice` }],
      clock: this.clock,
      callsPerSecond: 100,
      timings: TIMINGS.brisk,
      ...settings,
      transport: inProcessTransport((request) => this.#answer(request)),
    });
  }

  on(path: string, answer: Answer | string | InProcessReply): void {
    this.#answers.set(path, typeof answer === 'function' ? answer : () => answer);
  }

  at(path: string): Received[] {
    return this.received.filter((request) => request.path === path);
  }

  params(path: string): Record<string, string>[] {
    return this.at(path).map(({ params }) => params);
  }

  /** A REST request with the account's credentials; the answer's JSON, and its status as `httpStatus`. */
  rest(method: string, path: string, form: Record<string, string | string[]> = {}): RestAnswer {
    const { accountSid, authToken } = SIMULATED_ACCOUNT;
    const body = new URLSearchParams();
    for (const [name, value] of Object.entries(form))
      for (const one of [value].flat()) body.append(name, one);
    const [resource, query] = path.split('?');
    const response = this.network.handle({
      method,
      target: `/2010-04-01/Accounts/${accountSid}/${resource}.json${query === undefined ? '' : `?${query}`}`,
      authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`,
      body: body.toString(),
    });
    return { httpStatus: response.status, ...(response.body as object) } as RestAnswer;
  }

  /** Calls the lead, who picks up unless scripted otherwise. */
  call(form: Record<string, string | string[]> = {}): string {
    const answer = this.rest('POST', 'Calls', {
      To: LEAD,
      From: OURS,
      Url: `${APP}/answer`,
      ...form,
    });
    if (answer.httpStatus !== 201) throw new Error(JSON.stringify(answer));
    return answer.sid;
  }

  codes(callSid?: string): number[] {
    return this.network.exchange.debuggerLog.codes(callSid);
  }

  heard(callSid: string): string[] {
    return this.network.ledger.heard(callSid).map(({ text }) => text);
  }

  async #answer(request: TransportRequest): Promise<InProcessReply> {
    const { pathname } = new URL(request.url);
    const params = Object.fromEntries(
      request.method === 'GET' ? new URL(request.url).searchParams : request.fields,
    );
    const posted = request.method === 'GET' ? {} : params;
    const received: Received = {
      at: this.clock.now(),
      path: pathname,
      method: request.method,
      url: request.url,
      params,
      headers: request.headers,
      isSigned: twilio.validateRequest(
        SIMULATED_ACCOUNT.authToken,
        request.headers['X-Twilio-Signature']!,
        request.url,
        posted,
      ),
    };
    this.received.push(received);
    const answer = this.#answers.get(pathname);
    if (!answer)
      return { status: 404, headers: { 'content-type': 'text/plain' }, body: 'nothing here' };
    const reply = await answer(received);
    return typeof reply === 'string' ? twiml(reply) : reply;
  }
}

export function twiml(verbs: string): InProcessReply {
  return {
    status: 200,
    headers: { 'content-type': 'text/xml' },
    body:
      verbs.startsWith('<') && verbs.includes('<Response')
        ? verbs
        : `<Response>${verbs}</Response>`,
  };
}
