import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse } from 'node:querystring';
import { validateRequest } from 'twilio/lib/webhooks/webhooks.js';
import VoiceResponse from 'twilio/lib/twiml/VoiceResponse.js';
import { contest, givenArgument } from '../contestant.ts';
import { anySessions, AUTH_TOKEN, PUBLIC_BASE_URL } from '../traffic.ts';

/**
 * How such a server was written in 2019: one registry of clients in memory, each with a list of its calls and a
 * handful of flags; every webhook looks through all clients for its CallSid and sets flags. The SDK checks the
 * signature and writes the TwiML. Nothing is kept. Our own writing, not a copy.
 */
interface Request {
  callSid: string;
  status: string;
  isAnswered: boolean;
  isQueued: boolean;
  isEnded: boolean;
}
interface Client {
  id: string;
  consumerCallSid: string;
  isConsuming: boolean;
  isCalling: boolean;
  isBridged: boolean;
  requests: Request[];
}
type Form = Record<string, string>;

interface ExpressRequest {
  body: Form;
  originalUrl: string;
  headers: IncomingMessage['headers'];
}
interface ExpressApp {
  use(handler: unknown): void;
  post(path: string, handler: (request: ExpressRequest, reply: ExpressReply) => void): void;
  listen(port: number, host: string, done: () => void): { address(): unknown };
}
interface ExpressReply {
  status(code: number): ExpressReply;
  type(mime: string): ExpressReply;
  send(body?: string): void;
}
type Express = (() => ExpressApp) & { urlencoded(options: { extended: boolean }): unknown };

const ROUTES = ['stop-consuming', 'waiting', 'call-status-event'] as const;
type Route = (typeof ROUTES)[number];

const { sessions } = givenArgument() as { sessions: number };
const clients: Record<string, Client> = {};
for (const { sessionId, consumerSid, calls } of anySessions(sessions)) {
  clients[sessionId] = {
    id: sessionId,
    consumerCallSid: consumerSid,
    isConsuming: true,
    isCalling: true,
    isBridged: false,
    requests: calls.map((call) => ({
      callSid: call.sid,
      status: 'ringing',
      isAnswered: false,
      isQueued: false,
      isEnded: false,
    })),
  };
}

/** What the route answers: TwiML, or null for 204. */
function handle(route: Route, form: Form): string | null {
  const callSid = form['CallSid'] ?? '';
  const client = Object.values(clients).find(
    (one) =>
      one.consumerCallSid === callSid ||
      one.requests.some((request) => request.callSid === callSid),
  );
  const request = client?.requests.find((one) => one.callSid === callSid);
  const response = new VoiceResponse();
  if (route === 'call-status-event') {
    if (request) request.status = form['CallStatus'] ?? '';
    return null;
  }
  if (route === 'waiting') {
    if (request) request.isQueued = true;
    response.pause({ length: 1 });
    response.redirect({ method: 'POST' }, `${PUBLIC_BASE_URL}/twilio-webhook/waiting/${callSid}/1`);
    return response.toString();
  }
  if (client) client.isBridged = false;
  const dial = response.dial({
    action: `${PUBLIC_BASE_URL}/twilio-webhook/stop-consuming/${client?.id}`,
  });
  dial.queue(
    { url: `${PUBLIC_BASE_URL}/twilio-webhook/bridging/${client?.id}` },
    `queue-${client?.id}`,
  );
  return response.toString();
}

const isRight = (headers: IncomingMessage['headers'], url: string, form: Form): boolean =>
  validateRequest(AUTH_TOKEN, String(headers['x-twilio-signature']), PUBLIC_BASE_URL + url, form);

async function onExpress(express: Express): Promise<number> {
  const app = express();
  app.use(express.urlencoded({ extended: false }));
  for (const route of ROUTES) {
    app.post(`/twilio-webhook/${route}/*rest`, (request, reply) => {
      if (!isRight(request.headers, request.originalUrl, request.body)) {
        return reply.status(403).send('forbidden');
      }
      const twiml = handle(route, request.body);
      if (twiml === null) reply.status(204).send();
      else reply.type('text/xml').send(twiml);
    });
  }
  return new Promise((resolve) => {
    const server = app.listen(0, '127.0.0.1', () =>
      resolve((server.address() as AddressInfo).port),
    );
  });
}

function onNode(): Promise<number> {
  const server = createServer((request, reply) => void dispatch(request, reply));
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

async function dispatch(request: IncomingMessage, reply: ServerResponse): Promise<void> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += String(chunk);
  const url = request.url ?? '';
  const route = ROUTES.find((one) => url.startsWith(`/twilio-webhook/${one}/`));
  const form = { ...parse(body) } as Form;
  if (!route) return void reply.writeHead(404).end();
  if (!isRight(request.headers, url, form)) return void reply.writeHead(403).end('forbidden');
  const twiml = handle(route, form);
  if (twiml === null) return void reply.writeHead(204).end();
  const length = Buffer.byteLength(twiml);
  reply.writeHead(200, { 'content-type': 'text/xml', 'content-length': length }).end(twiml);
}

/** Express where it is installed; node's own server otherwise, which flatters this contestant. */
const name: string = 'express';
const express = await import(name).then(
  (module: { default: Express }) => module.default,
  () => null,
);
const port = await (express ? onExpress(express) : onNode());
contest({ port, server: express ? 'Express 5' : 'node:http' });
