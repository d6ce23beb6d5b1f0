import Fastify from 'fastify';
import formbody from '@fastify/formbody';
import type { AddressInfo } from 'node:net';
import { validateRequest } from 'twilio/lib/webhooks/webhooks.js';
import { contest, givenArgument } from '../contestant.ts';
import { AUTH_TOKEN, PUBLIC_BASE_URL } from '../traffic.ts';

/** Fastify with nothing behind it: `bare` throws the body away, `signed` parses it and checks the signature. */
const { kind } = givenArgument() as { kind: 'bare' | 'signed' };

const TWIML =
  '<?xml version="1.0" encoding="UTF-8"?><Response><Pause length="1"/><Play digits="w"/>' +
  '<Redirect method="POST">https://dialer.example.com/twilio-webhook/waiting/c/2</Redirect></Response>';

const app = Fastify();
if (kind === 'bare') {
  app.addContentTypeParser('application/x-www-form-urlencoded', (_request, payload, done) => {
    payload.on('end', () => done(null, null)).resume();
  });
  app.post('/twilio-webhook/*', (_request, reply) => reply.type('text/xml').send(TWIML));
} else {
  await app.register(formbody);
  app.post('/twilio-webhook/*', (request, reply) => {
    const signature = request.headers['x-twilio-signature'];
    const url = PUBLIC_BASE_URL + request.raw.url;
    const isRight = validateRequest(AUTH_TOKEN, String(signature), url, request.body as object);
    return isRight ? reply.type('text/xml').send(TWIML) : reply.code(403).send('forbidden');
  });
}
await app.listen({ host: '127.0.0.1', port: 0 });
contest({ port: (app.server.address() as AddressInfo).port });
