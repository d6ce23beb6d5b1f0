import type { IncomingMessage, ServerResponse } from 'node:http';
import { FAULTS, type FaultRule } from './faults.ts';
import { HandsetBusyError, type Handset } from './handset.ts';
import { UnknownKeyError } from './known-keys.ts';
import type { Network } from './network.ts';
import { normalizeNumber } from './phone-number.ts';
import type { PersonScript } from './person.ts';

/** What the control API answers; null as a body is none. */
interface Answer {
  readonly status: number;
  readonly body: unknown;
}

interface ControlCall {
  readonly network: Network;
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
}

interface ControlRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: RegExp;
  readonly handle: (call: ControlCall) => Answer;
}

class BadControlRequest extends Error {}

const ok = (body: unknown): Answer => ({ status: 200, body });

const ROUTES: readonly ControlRoute[] = [
  {
    method: 'GET',
    path: /^handsets$/,
    handle: ({ network }) => ok(network.people.handsets().map((handset) => handset.view())),
  },
  { method: 'GET', path: /^handsets\/([^/]+)$/, handle: (call) => ok(handsetOf(call).view()) },
  { method: 'POST', path: /^handsets\/([^/]+)\/dial$/, handle: dial },
  {
    method: 'POST',
    path: /^handsets\/([^/]+)\/press$/,
    handle: act((handset, body) => handset.press(textOf(body, 'digits'))),
  },
  {
    method: 'POST',
    path: /^handsets\/([^/]+)\/say$/,
    handle: act((handset, body) => handset.say(textOf(body, 'text'))),
  },
  {
    method: 'POST',
    path: /^handsets\/([^/]+)\/answer$/,
    handle: act((handset) => handset.answer()),
  },
  {
    method: 'POST',
    path: /^handsets\/([^/]+)\/hangUp$/,
    handle: act((handset) => handset.hangUp()),
  },
  {
    method: 'GET',
    path: /^people\/([^/]+)$/,
    handle: (call) => ok(call.network.people.scriptOf(numberOf(call))),
  },
  { method: 'PUT', path: /^people\/([^/]+)$/, handle: scriptPerson },
  { method: 'DELETE', path: /^people\/([^/]+)$/, handle: unscriptPerson },
  { method: 'GET', path: /^ledger$/, handle: ({ network }) => ok(network.ledger) },
  {
    method: 'GET',
    path: /^ledger\/([^/]+)\/heard$/,
    handle: ({ network, path }) => ok(network.ledger.heard(path[0]!)),
  },
  {
    method: 'GET',
    path: /^faults$/,
    handle: ({ network }) => ok({ known: FAULTS, set: network.faults.report() }),
  },
  { method: 'PUT', path: /^faults$/, handle: setFaults },
  {
    method: 'GET',
    path: /^debugger$/,
    handle: ({ network, query }) => ok(after(network.exchange.debuggerLog.entries, query)),
  },
  {
    method: 'GET',
    path: /^requests$/,
    handle: ({ network, query }) => ok(after(network.exchange.webhooks.requests, query)),
  },
];

const PREFIX = '/control/';

export function isControl(target: string): boolean {
  return target.startsWith(PREFIX);
}

/** The control API: telephones, people, faults and the books, as JSON. It is for tests and pages, not Twilio's. */
export function handleControl(
  network: Network,
  request: IncomingMessage,
  body: string,
  response: ServerResponse,
): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://network');
  const path = pathname.slice(PREFIX.length);
  const events = /^handsets\/([^/]+)\/events$/.exec(path);
  const answer = ((): Answer | null => {
    try {
      if (events && request.method === 'GET') {
        streamHandset(network.handset(number(events[1]!)), response);
        return null;
      }
      return route(network, request.method ?? 'GET', path, searchParams, body);
    } catch (error) {
      return refusal(error);
    }
  })();
  if (answer) write(response, answer);
}

function route(
  network: Network,
  method: string,
  path: string,
  query: URLSearchParams,
  body: string,
): Answer {
  const candidates = ROUTES.filter((candidate) => candidate.path.test(path));
  const found = candidates.find((candidate) => candidate.method === method);
  if (candidates.length === 0)
    return { status: 404, body: { error: `there is no /control/${path}` } };
  if (!found)
    return { status: 405, body: { error: `${method} is not allowed on /control/${path}` } };
  return found.handle({
    network,
    path: found.path.exec(path)!.slice(1),
    query,
    body: parseBody(body),
  });
}

function refusal(error: unknown): Answer {
  if (error instanceof HandsetBusyError) return { status: 409, body: { error: error.message } };
  if (error instanceof BadControlRequest || error instanceof UnknownKeyError)
    return { status: 400, body: { error: error.message } };
  throw error;
}

function dial(call: ControlCall): Answer {
  const params = call.body['params'];
  const leg = handsetOf(call).dial(textOf(call.body, 'to'), {
    ...(isRecord(params) && { params: params as Record<string, string> }),
  });
  return { status: 201, body: { callSid: leg.sid } };
}

function act(
  deed: (handset: Handset, body: ControlCall['body']) => void,
): (call: ControlCall) => Answer {
  return (call) => {
    const handset = handsetOf(call);
    deed(handset, call.body);
    return ok(handset.view());
  };
}

function scriptPerson(call: ControlCall): Answer {
  const { people } = call.network;
  const scripts = call.body['calls'];
  people.script(numberOf(call), Array.isArray(scripts) ? (scripts as PersonScript[]) : call.body);
  return ok(people.scriptOf(numberOf(call)));
}

function unscriptPerson(call: ControlCall): Answer {
  call.network.people.unscript(numberOf(call));
  return { status: 204, body: null };
}

function setFaults(call: ControlCall): Answer {
  try {
    call.network.faults.replace(call.body as Record<string, FaultRule>);
  } catch (error) {
    throw new BadControlRequest((error as Error).message);
  }
  return ok({ set: call.network.faults.report() });
}

/** The full state of a handset, then again on every change. */
function streamHandset(handset: Handset, response: ServerResponse): void {
  response.writeHead(200, {
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-store',
    Connection: 'keep-alive',
  });
  let isPending = false;
  const send = (): void => {
    isPending = false;
    response.write(`data: ${JSON.stringify(handset.view())}\n\n`);
  };
  // Several changes of one moment are one event.
  const stop = handset.changed.listen(() => {
    if (isPending) return;
    isPending = true;
    queueMicrotask(send);
  });
  response.on('close', stop);
  send();
}

/** `?after=ID` for what is new since then. */
function after<Entry extends { id: number }>(
  entries: readonly Entry[],
  query: URLSearchParams,
): readonly Entry[] {
  const id = Number(query.get('after') ?? 0);
  return id > 0 ? entries.filter((entry) => entry.id > id) : entries;
}

function handsetOf(call: ControlCall): Handset {
  return call.network.handset(numberOf(call));
}

function numberOf(call: ControlCall): string {
  return number(call.path[0]!);
}

function number(encoded: string): string {
  const address = decoded(encoded);
  if (address.startsWith('client:')) return address;
  const normalized = normalizeNumber(address);
  if (normalized === null)
    throw new BadControlRequest(`${address} is not a telephone number in E.164 form`);
  return normalized;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new BadControlRequest(`${text} is not percent-encoded text`);
  }
}

function textOf(body: ControlCall['body'], key: string): string {
  const value = body[key];
  if (typeof value !== 'string') throw new BadControlRequest(`${key} must be a text`);
  return value;
}

function parseBody(body: string): Readonly<Record<string, unknown>> {
  if (body.trim() === '') return {};
  try {
    const parsed: unknown = JSON.parse(body);
    if (isRecord(parsed)) return parsed;
  } catch {
    // Reported below, in the same words as any other body that is no object.
  }
  throw new BadControlRequest('the body must be a JSON object');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function write(response: ServerResponse, answer: Answer): void {
  if (answer.body === null && answer.status === 204) {
    response.writeHead(204).end();
    return;
  }
  const text = JSON.stringify(answer.body);
  response.writeHead(answer.status, { 'Content-Type': 'application/json; charset=utf-8' });
  response.end(text);
}
