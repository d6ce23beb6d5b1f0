import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { validateRequest } from 'twilio/lib/webhooks/webhooks.js';
import VoiceResponse from 'twilio/lib/twiml/VoiceResponse.js';
import { contest, givenArgument } from '../contestant.ts';
import { anySessions, AUTH_TOKEN, PUBLIC_BASE_URL } from '../traffic.ts';

/**
 * How such a server was written in 2019: one registry of clients in memory, each with a list of its calls and a
 * handful of flags; every webhook looks through all clients for its CallSid and sets flags. The SDK checks the
 * signature and writes the TwiML, Express 5 has the routes. Nothing is kept. Our own writing, not a copy.
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

const isRight = (headers: IncomingHttpHeaders, url: string, form: Form): boolean =>
  validateRequest(AUTH_TOKEN, String(headers['x-twilio-signature']), PUBLIC_BASE_URL + url, form);

async function onExpress(): Promise<number> {
  const app = express();
  app.use(express.urlencoded({ extended: false }));
  for (const route of ROUTES) {
    app.post(`/twilio-webhook/${route}/*rest`, (request, reply) => {
      if (!isRight(request.headers, request.originalUrl, request.body as Form)) {
        reply.status(403).send('forbidden');
        return;
      }
      const twiml = handle(route, request.body as Form);
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

contest({ port: await onExpress() });
