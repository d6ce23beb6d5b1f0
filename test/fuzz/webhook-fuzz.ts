import * as fc from 'fast-check';
import twilio from 'twilio';
import type { SessionHost } from '../../src/dialer/session-host.ts';
import type { CallId, CallSid } from '../../src/domain/ids.ts';
import { checkDocument } from '../../src/simulator/twiml-rules.ts';
import { parseTwiml } from '../../src/simulator/twiml.ts';
import { agentSid, leadSid } from '../support/floor.ts';
import { BRIDGING, CODE_KEYED, CONSUME, ON_DEQUEUE } from '../twilio/support/recorded-forms.ts';
import { ACCOUNT_SID, AUTH_TOKEN, ORIGIN, type Rig } from './rig.ts';
import type { Fuzz } from './fuzz.ts';

const ROUTES = [
  'consume',
  'codeKeyed',
  'stop-consuming',
  'bridging',
  'enqueue',
  'waiting',
  'on-dequeue',
  'call-status-event',
  'fallback',
] as const;
type Route = (typeof ROUTES)[number];

const BASE = { ...CONSUME, ...CODE_KEYED, ...BRIDGING, ...ON_DEQUEUE };
const STATUSES = ['queued', 'initiated', 'ringing', 'in-progress', 'completed', 'busy', 'failed', 'no-answer', 'canceled']; // prettier-ignore
const RESULTS = ['bridged', 'hangup', 'leave', 'queue-empty', 'queue-not-found', 'queue-full', 'error', 'system-error', 'redirected']; // prettier-ignore

/** One request as it is drawn; which call and step it means is known when it is sent. */
interface Drawn {
  route: Route;
  /** Of the calls that are open; past them, a call that nobody knows. */
  call: number;
  step: number | string;
  id: string | null;
  status: string;
  result: string;
  /** Fields set over those of a true form; null: left out. */
  odd: Record<string, string | null>;
  signed: 'right' | 'wrong' | 'missing' | 'of another path';
  /** What becomes of the body after it was signed. */
  body: { cut: number; insert: string } | null;
  contentType: string;
  method: 'POST' | 'GET' | 'PUT' | 'DELETE' | 'PATCH';
  /** What else happens first. */
  meanwhile: 'work' | 'hangUp' | 'pause' | 'signOut' | 'nothing';
  passesMs: number;
}

const oddText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '__proto__', 'constructor', '\u0000', '\uD800', '<Say>', '%00', '999999999999', '-1', '1e9'),
  fc.constant('x'.repeat(5000)),
); // prettier-ignore

const weighted = <Value>(usual: fc.Arbitrary<Value>, rare: fc.Arbitrary<Value>, weight = 12) =>
  fc.oneof({ arbitrary: usual, weight }, { arbitrary: rare, weight: 1 });

const drawn: fc.Arbitrary<Drawn> = fc.record({
  route: fc.constantFrom(...ROUTES),
  call: fc.nat(3),
  step: weighted<number | string>(fc.integer({ min: 1, max: 4 }), fc.oneof(fc.nat(), oddText)),
  id: weighted<string | null>(fc.constant(null), oddText),
  status: weighted(fc.constantFrom(...STATUSES), oddText),
  result: weighted(fc.constantFrom(...RESULTS), oddText),
  odd: weighted(
    fc.constant<Record<string, string | null>>({}),
    fc.dictionary(
      fc.oneof(fc.constantFrom(...Object.keys(BASE), '__proto__', 'toString', 'DequeueResult'), oddText),
      fc.option(oddText),
      { maxKeys: 5 },
    ),
    4,
  ),
  signed: weighted<Drawn['signed']>(
    fc.constant('right'),
    fc.constantFrom('wrong', 'missing', 'of another path'),
    6,
  ),
  body: weighted<Drawn['body']>(
    fc.constant(null),
    fc.record({ cut: fc.nat(900), insert: fc.oneof(oddText, fc.constant('&A=1&A=2'), fc.constant('%E0%A4%A')) }),
    20,
  ),
  contentType: weighted(
    fc.constant('application/x-www-form-urlencoded'),
    fc.constantFrom('application/json', 'text/xml', 'application/x-www-form-urlencoded; charset=utf-16', 'nonsense', ''),
    30,
  ),
  method: weighted<Drawn['method']>(fc.constant('POST'), fc.constantFrom('GET', 'PUT', 'DELETE', 'PATCH'), 40),
  meanwhile: weighted<Drawn['meanwhile']>(
    fc.constantFrom('work', 'nothing', 'nothing'),
    fc.constantFrom('hangUp', 'pause', 'signOut'),
    30,
  ),
  passesMs: weighted(fc.constant(0), fc.integer({ min: 1, max: 200_000 }), 10),
}); // prettier-ignore

/** docs/webhooks.md: what an odd request gets. A 503 means that we do not know the state, and here we always do. */
const ALLOWED_WHEN_REFUSED = [400, 403, 404, 405, 413, 414, 415];

/** Bodies that Twilio might send, and bodies that it never would, signed and not. */
export const webhookFuzz: Fuzz<Drawn> = {
  name: 'webhook bodies',
  arbitrary: drawn,
  async run(rig, what) {
    const session = await rig.session();
    await meanwhile(rig, session, what);
    const path = pathOf(session, what);
    const url = ORIGIN + path;
    const form = formOf(session, what);
    const text = bodyOf(form, what);
    const entriesBefore = session.nextSeq;
    const response = await rig.app.inject({
      method: what.method,
      url: path,
      headers: {
        ...(what.contentType === '' ? {} : { 'content-type': what.contentType }),
        ...signatureOf(url, form, what),
      },
      ...(what.method === 'GET' ? {} : { payload: text }),
    });
    const { statusCode } = response;
    const isTrusted =
      what.signed === 'right' && what.method === 'POST' && (what.body === null || statusCode < 400);
    if (statusCode >= 400) {
      if (!ALLOWED_WHEN_REFUSED.includes(statusCode)) return `answered ${statusCode}`;
      return session.nextSeq === entriesBefore ? null : `answered ${statusCode}, and changed state`;
    }
    if (!isTrusted) return `answered ${statusCode} to what was not signed`;
    return judge(what.route, statusCode, response.headers['content-type'], response.body);
  },
};

function judge(route: Route, status: number, type: unknown, body: string): string | null {
  if (status === 204) return route === 'call-status-event' ? null : 'no document for a leg';
  if (status !== 200 || type !== 'text/xml; charset=utf-8')
    return `answered ${status} as ${String(type)}`;
  const parsed = parseTwiml(body);
  if (!parsed.ok) return `no TwiML: ${parsed.message}: ${body}`;
  const [warning] = checkDocument(parsed.root).warnings;
  return warning ? `odd TwiML: ${warning.message}: ${body}` : null;
}

async function meanwhile(rig: Rig, session: SessionHost, what: Drawn): Promise<void> {
  const { dialer, clock } = rig;
  if (what.passesMs > 0) await clock.advance(what.passesMs);
  if (what.meanwhile === 'nothing') return;
  if (what.meanwhile === 'work') await work(rig, session);
  else await dialer.command(session.sessionId, { type: `agent.${what.meanwhile}` });
  await clock.advance(0);
}

/** Phones in, records what is owed and calls leads: whatever she may do next to have calls under way. */
async function work({ dialer, nextLeg }: Rig, session: SessionHost): Promise<void> {
  const { sessionId } = session;
  const code = dialer.view(sessionId)?.dialIn.accessCode;
  if (code) {
    const sid = agentSid(nextLeg());
    dialer.answer({ kind: 'consume', sid });
    dialer.answer({ kind: 'codeKeyed', sid, step: 1, digits: code });
  }
  const callId = session.snapshot.context.wrapUp?.callId;
  if (callId) {
    const record = { disposition: 'interested', notes: '' } as const;
    await dialer.command(sessionId, { type: 'agent.dispose', callId, ...record });
  }
  await dialer.command(sessionId, { type: 'agent.callLeads' });
}

function callOf(session: SessionHost, what: Drawn): { callId: CallId; sid: CallSid } {
  const callId = session.snapshot.context.open[what.call] ?? ('A'.repeat(22) as CallId);
  return { callId, sid: leadSid(callId) };
}

function pathOf(session: SessionHost, what: Drawn): string {
  const id = (own: string): string => encodeURIComponent(wellFormed(what.id ?? own));
  const step = encodeURIComponent(wellFormed(String(what.step)));
  const { callId } = callOf(session, what);
  const root = '/twilio-webhook';
  switch (what.route) {
    case 'consume':
      return `${root}/consume`;
    case 'codeKeyed':
      return `${root}/consume/${id(agentSid(what.call))}/${step}`;
    case 'stop-consuming':
    case 'bridging':
      return `${root}/${what.route}/${id(session.sessionId)}/${step}`;
    case 'enqueue':
    case 'waiting':
    case 'on-dequeue':
      return `${root}/${what.route}/${id(callId)}/${step}`;
    case 'call-status-event':
      return `${root}/call-status-event/${id(callId)}`;
    case 'fallback':
      return `${root}/fallback/${id('lead')}`;
  }
}

/** `encodeURIComponent` throws on half a surrogate pair. */
const wellFormed = (text: string): string => text.replaceAll(/\p{Cs}/gu, '\uFFFD');

const AGENTS_ROUTES: readonly Route[] = ['consume', 'codeKeyed', 'stop-consuming'];

function formOf(session: SessionHost, what: Drawn): Record<string, string> {
  const ofAgent = session.snapshot.context.consumerSid ?? agentSid(what.call);
  const isAgents = AGENTS_ROUTES.includes(what.route);
  const form: Record<string, string | null> = {
    ...BASE,
    AccountSid: ACCOUNT_SID,
    CallSid: isAgents ? (what.route === 'codeKeyed' ? agentSid(what.call) : ofAgent) : callOf(session, what).sid,
    CallStatus: what.route === 'stop-consuming' && what.call > 0 ? 'in-progress' : what.status,
    QueueResult: what.result,
    DequeueResult: what.result,
    ...what.odd,
  }; // prettier-ignore
  return Object.fromEntries(
    Object.entries(form).filter((field): field is [string, string] => field[1] !== null),
  );
}

function bodyOf(form: Record<string, string>, { body }: Drawn): string {
  const text = new URLSearchParams(form).toString();
  return body ? text.slice(0, body.cut) + body.insert + text.slice(body.cut) : text;
}

function signatureOf(
  url: string,
  form: Record<string, string>,
  { signed }: Drawn,
): Record<string, string> {
  if (signed === 'missing') return {};
  const token = signed === 'wrong' ? `${AUTH_TOKEN}x` : AUTH_TOKEN;
  const path = signed === 'of another path' ? `${url}/2` : url;
  // What travels is UTF-8: halves of surrogate pairs do not survive, and Twilio signs what it sends.
  const sent = Object.fromEntries(new URLSearchParams(new URLSearchParams(form).toString()));
  return { 'x-twilio-signature': twilio.getExpectedTwilioSignature(token, path, sent) };
}
