import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import {
  TransportError,
  type TransportFailure,
  type TransportRequest,
  type TransportResponse,
} from './transport.ts';

const DNS_CODES = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL']);
const REFUSED_CODES = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL']);
const RESET_CODES = new Set(['ECONNRESET', 'EPIPE']);

// Beyond what Twilio reads of a document (64 kB) there is nothing to learn.
const BODY_BYTES_MAX = 4 * 1024 * 1024;

/**
 * Idle connections are let go before servers commonly close them (5 s): a request must not meet a connection that is
 * being closed, for that would look like a reset and is none.
 */
const CONNECTIONS = { keepAlive: true, maxSockets: 256, timeout: 4000 };

/** Speaks HTTP with node:http, one attempt a call, connection and read timeouts apart. */
export class HttpTransport {
  readonly #http = new HttpAgent(CONNECTIONS);
  readonly #https = new HttpsAgent(CONNECTIONS);

  readonly send = (request: TransportRequest): Promise<TransportResponse> =>
    new Promise((resolve, reject) => {
      const isHttps = request.url.startsWith('https:');
      const body = request.method === 'POST' ? request.body() : undefined;
      const headers: Record<string, string | number> = { ...request.headers };
      if (body !== undefined) headers['Content-Length'] = Buffer.byteLength(body);
      const outgoing = (isHttps ? httpsRequest : httpRequest)(request.url, {
        method: request.method,
        headers,
        agent: isHttps ? this.#https : this.#http,
      });
      const fail = (failure: TransportFailure, message: string): void => {
        clearTimeout(connectTimer);
        clearTimeout(readTimer);
        outgoing.destroy();
        reject(new TransportError(failure, message));
      };
      let readTimer: NodeJS.Timeout | undefined;
      const startReading = (): void => {
        clearTimeout(connectTimer);
        readTimer ??= setTimeout(
          () => fail('readTimeout', `no response in ${request.readTimeoutMs} ms`),
          request.readTimeoutMs,
        );
      };
      const connectTimer = setTimeout(
        () => fail('connectTimeout', `no connection in ${request.connectTimeoutMs} ms`),
        request.connectTimeoutMs,
      );
      outgoing.on('socket', (socket) => {
        if (!socket.connecting) startReading();
        else socket.once(isHttps ? 'secureConnect' : 'connect', startReading);
      });
      outgoing.on('error', (error: NodeJS.ErrnoException) => fail(failureOf(error), error.message));
      outgoing.on('response', (response) => {
        const finish = (text: string): void => {
          clearTimeout(readTimer);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
        };
        readBody(response).then(finish, (error: Error) => fail('reset', error.message));
      });
      outgoing.end(body);
    });

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= BODY_BYTES_MAX) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function failureOf(error: NodeJS.ErrnoException): TransportFailure {
  const code = error.code ?? '';
  if (DNS_CODES.has(code)) return 'dns';
  if (REFUSED_CODES.has(code)) return 'refused';
  if (RESET_CODES.has(code)) return 'reset';
  if (code.startsWith('HPE_')) return 'protocol';
  if (
    code.startsWith('ERR_TLS') ||
    code.includes('CERT') ||
    code === 'EPROTO' ||
    code.startsWith('ERR_SSL')
  )
    return 'tls';
  return 'reset';
}
