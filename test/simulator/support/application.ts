import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import twilio from 'twilio';
import { SIMULATED_ACCOUNT } from '../../../src/simulator/serve.ts';

/** A request the network made, as an application behind a plain node:http server sees it. */
export interface Received {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly params: Record<string, string>;
  readonly isSigned: boolean;
}

export interface Reply {
  status?: number;
  headers?: Record<string, string | string[]>;
  body?: string;
  delayMs?: number;
}

export type Handler = (request: Received) => Reply | string;

/** The application under the network: answers TwiML by path, keeps every request, checks every signature with the SDK. */
export interface Application {
  readonly url: string;
  readonly received: Received[];
  on(path: string, handler: Handler): void;
  at(path: string): Received[];
  close(): Promise<void>;
}

export async function startApplication(): Promise<Application> {
  const received: Received[] = [];
  const handlers = new Map<string, Handler>();
  let url = '';
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const target = request.url ?? '/';
      const params = Object.fromEntries(new URLSearchParams(body));
      const isSigned = twilio.validateRequest(
        SIMULATED_ACCOUNT.authToken,
        request.headers['x-twilio-signature'] as string,
        url + target,
        params,
      );
      const entry = {
        method: request.method ?? '',
        target,
        headers: request.headers,
        params,
        isSigned,
      };
      received.push(entry);
      const handler: Handler = handlers.get(target.split('?')[0]!) ?? (() => ({ status: 404 }));
      const reply = handler(entry);
      const {
        status = 200,
        headers,
        body: text = '',
        delayMs = 0,
      } = typeof reply === 'string' ? twimlReply(reply) : reply;
      setTimeout(() => {
        response.writeHead(status, headers ?? {});
        response.end(text);
      }, delayMs);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    received,
    on: (path, handler) => void handlers.set(path, handler),
    at: (path) => received.filter((request) => request.target.split('?')[0] === path),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function twimlReply(verbs: string): Reply {
  return {
    headers: { 'Content-Type': 'text/xml' },
    body: verbs.startsWith('<?xml')
      ? verbs
      : `<?xml version="1.0" encoding="UTF-8"?><Response>${verbs}</Response>`,
  };
}
