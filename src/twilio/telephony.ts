import RequestClient from 'twilio/lib/base/RequestClient.js';
import BaseTwilio from 'twilio/lib/base/BaseTwilio.js';
import Api from 'twilio/lib/rest/Api.js';
import { parseCallStatus } from '../domain/call-status.ts';
import { parseCallSid, type CallSid, type SessionId } from '../domain/ids.ts';
import type { CallFact, PlaceOutcome, Telephony } from '../dialer/ports.ts';
import { paths, queueName } from './paths.ts';
import { writeTwiml, type TwimlSettings } from './twiml.ts';

export interface TwilioCredentials {
  accountSid: string;
  authToken: string;
  /** Instead of the auth token for REST; the token is still what signs webhooks. */
  apiKey: { sid: string; secret: string } | null;
  /** Base of the REST API where it is not Twilio's own: the simulated network on 127.0.0.1. */
  apiBaseUrl: string | null;
  /** How requests travel; left out, over HTTP. */
  rest?: RestExchange;
}

/** One request of the SDK's, for a network that runs in this process. */
export interface RestRequest {
  method: string;
  /** Path and query. */
  target: string;
  authorization: string;
  /** The form, encoded; empty for GET and DELETE. */
  body: string;
}

/**
 * Carries out one request. Rejects when no answer came, with a `code` as axios has it (ECONNRESET, ECONNABORTED …);
 * the limit of time is its own affair.
 */
export type RestExchange = (
  request: RestRequest,
  timeoutMs: number,
) => Promise<{ status: number; body: unknown }>;

export interface TelephonySettings extends TwimlSettings {
  /** The number we call from and agents phone, E.164; owned by the account. */
  number: string;
  /** How long a lead's phone rings, in seconds: at least 15 (16 CFR 310.4(b)(4)(ii)); Twilio may add 5. */
  ringSeconds: number;
}

/** The SDK's default is 30 s; by then the agent has given up. */
const REST_TIMEOUT_MS = 8000;
/** "A queue with the name … already exists"; not in Twilio's public dictionary. */
const QUEUE_EXISTS = 22003;
/** The call is over: nothing to update. */
const CALL_IS_OVER = 21220;
/** Twilio answered before it processed anything. */
const TOO_MANY_REQUESTS = 429;
/** Nothing was sent: safe to try again. */
const NEVER_SENT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'];
/** REST never says `initiated`. */
const LIVE_STATUSES = ['queued', 'ringing', 'in-progress'] as const;
/** Calls to one number that are looked through for a lost create. */
const CALLS_LOOKED_AT = 20;

interface SdkCall {
  sid: string;
  status: string;
  duration: string | null;
  dateCreated: Date | null;
}

/** Speaks to Twilio's REST API through the official SDK. Outcomes are values; only a bug throws. */
export function twilioTelephony(
  credentials: TwilioCredentials,
  settings: TelephonySettings,
): Telephony {
  const client = restClient(credentials);
  // Read at each call: on the simulated network the port is only known once the server listens.
  const urlOf = (path: string): string => settings.publicBaseUrl + path;
  const queueSids = new Map<SessionId, string>();

  return {
    async placeCall({ callId, to }) {
      try {
        const call = await client.calls.create({
          to: to.e164,
          from: settings.number,
          url: urlOf(paths.enqueue(callId, 1)),
          method: 'POST',
          fallbackUrl: urlOf(paths.fallback('lead')),
          fallbackMethod: 'POST',
          statusCallback: urlOf(paths.callStatus(callId)),
          statusCallbackMethod: 'POST',
          statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
          timeout: settings.ringSeconds,
          timeLimit: settings.talkLimitSeconds,
        });
        const sid = parseCallSid(call.sid);
        return sid
          ? { kind: 'placed', sid }
          : { kind: 'unknown', reason: 'the reply named no call' };
      } catch (error) {
        return placeFailure(error);
      }
    },

    async endCall(sid, how) {
      return orOver(
        sid,
        () => client.calls(sid).update({ status: how === 'cancel' ? 'canceled' : 'completed' }),
        () => client.calls(sid).fetch(),
      );
    },

    async inspectCall(sid) {
      return orOver(
        sid,
        () => client.calls(sid).fetch(),
        () => client.calls(sid).fetch(),
      );
    },

    async findCall({ to, since }) {
      try {
        const calls = await client.calls.list({
          to: to.e164,
          from: settings.number,
          limit: CALLS_LOOKED_AT,
        });
        // A call that was never answered has no start time; one too young to be dated may be ours.
        const ours = calls.find((call) => (call.dateCreated?.getTime() ?? since) >= since);
        return ours ? fact(ours) : { kind: 'absent' };
      } catch (error) {
        return { kind: 'unknown', reason: reasonOf(error) };
      }
    },

    async dismissConsumer(sid) {
      const goodbye = writeTwiml({ plan: 'goodbye' }, settings) ?? '';
      return orOver(
        sid,
        () => client.calls(sid).update({ twiml: goodbye }),
        () => client.calls(sid).fetch(),
      );
    },

    async ensureQueue(sessionId) {
      try {
        const queue = await client.queues.create({ friendlyName: queueName(sessionId) });
        queueSids.set(sessionId, queue.sid);
        return true;
      } catch (error) {
        return codeOf(error) === QUEUE_EXISTS;
      }
    },

    async liveCalls() {
      try {
        const lists = await Promise.all(
          LIVE_STATUSES.map((status) => client.calls.list({ from: settings.number, status })),
        );
        return lists.flat().flatMap(({ sid, to }) => {
          const callSid = parseCallSid(sid);
          return callSid ? { sid: callSid, to } : [];
        });
      } catch {
        return null;
      }
    },

    async deleteQueue(sessionId) {
      try {
        const sid = queueSids.get(sessionId) ?? (await findQueue(client, queueName(sessionId)));
        if (sid) await client.queues(sid).remove();
        queueSids.delete(sessionId);
        return true;
      } catch {
        return false; // Twilio refuses while somebody waits in it; an empty queue left behind harms nobody.
      }
    },
  };
}

/** Where the account's number asks when an agent phones it, in Twilio's words. */
export const voiceUrls = ({ publicBaseUrl }: TelephonySettings) =>
  ({
    voiceUrl: publicBaseUrl + paths.consume(),
    voiceMethod: 'POST',
    voiceFallbackUrl: publicBaseUrl + paths.fallback('agent'),
    voiceFallbackMethod: 'POST',
  }) as const;

/** Tells the number so, on a simulated network that is another process. */
export async function setVoiceUrl(
  credentials: TwilioCredentials,
  settings: TelephonySettings,
): Promise<boolean> {
  const client = restClient(credentials);
  const [number] = await client.incomingPhoneNumbers.list({
    phoneNumber: settings.number,
    limit: 1,
  });
  if (!number) return false;
  await client.incomingPhoneNumbers(number.sid).update(voiceUrls(settings));
  return true;
}

/** The account, as the SDK’s own client has it, without the products that nobody here uses. */
function restClient({ accountSid, authToken, apiKey, apiBaseUrl, rest }: TwilioCredentials) {
  const httpClient = rest
    ? new InProcessClient(rest)
    : new RequestClient({ timeout: REST_TIMEOUT_MS });
  const [user, secret] = apiKey ? [apiKey.sid, apiKey.secret] : [accountSid, authToken];
  const api = new Api(new BaseTwilio.Client(user, secret, { accountSid, httpClient }));
  if (apiBaseUrl) api.baseUrl = apiBaseUrl;
  return api.account;
}

type SdkRequest = Parameters<RequestClient['request']>[0];

/** Stands where the SDK's HTTP client stands. */
class InProcessClient extends RequestClient {
  readonly #rest: RestExchange;

  constructor(rest: RestExchange) {
    super();
    this.#rest = rest;
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as the SDK declares it
  override async request<Data>(wanted: SdkRequest) {
    const { pathname, search } = new URL(wanted.uri);
    const query = wanted.params ? `?${encoded(wanted.params)}` : search;
    const credentials = `${wanted.username ?? ''}:${wanted.password ?? ''}`;
    const { status, body } = await this.#rest(
      {
        method: wanted.method.toUpperCase(),
        target: pathname + query,
        authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
        body: encoded(wanted.data ?? {}),
      },
      REST_TIMEOUT_MS,
    );
    return { statusCode: status, body: body as Data, headers: {} };
  }
}

/** As the SDK has its HTTP client write a form: a list is the same name again and again. */
function encoded(fields: object): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    for (const one of [value].flat()) if (one !== undefined) form.append(name, String(one));
  }
  return form.toString();
}

async function findQueue(
  client: ReturnType<typeof restClient>,
  name: string,
): Promise<string | null> {
  // The list has no filter by name.
  for (const queue of await client.queues.list()) if (queue.friendlyName === name) return queue.sid;
  return null;
}

/** Asks Twilio to do something with a call; if the call is over already, says how it ended. */
async function orOver(
  sid: CallSid,
  act: () => Promise<SdkCall>,
  look: () => Promise<SdkCall>,
): Promise<CallFact> {
  try {
    return fact(await act());
  } catch (error) {
    if (statusOf(error) === 404) return { kind: 'absent' };
    if (codeOf(error) !== CALL_IS_OVER) return { kind: 'unknown', reason: reasonOf(error) };
  }
  try {
    return fact(await look());
  } catch (error) {
    return { kind: 'unknown', reason: `${sid}: ${reasonOf(error)}` };
  }
}

function fact(call: SdkCall): CallFact {
  const sid = parseCallSid(call.sid);
  const status = parseCallStatus(call.status);
  if (!sid || !status) return { kind: 'unknown', reason: `unreadable call ${call.sid}` };
  return {
    kind: 'found',
    sid,
    status,
    durationSeconds: call.duration === null ? null : Number(call.duration),
  };
}

function placeFailure(error: unknown): PlaceOutcome {
  const status = statusOf(error);
  const reason = reasonOf(error);
  const neverSent = NEVER_SENT.includes(String(field(error, 'code')));
  if (neverSent || status === TOO_MANY_REQUESTS) {
    return { kind: 'refused', code: codeOf(error), reason, retryable: true };
  }
  if (status !== null && status >= 400 && status < 500) {
    return { kind: 'refused', code: codeOf(error), reason, retryable: false };
  }
  return { kind: 'unknown', reason };
}

const field = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;

const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);
const statusOf = (error: unknown): number | null => numberOf(field(error, 'status'));
const codeOf = (error: unknown): number | null => numberOf(field(error, 'code'));
const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
