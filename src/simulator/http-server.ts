import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { handleControl, isControl } from './control-api.ts';
import type { Network } from './network.ts';

const BODY_BYTES_MAX = 1024 * 1024;

/** REST and control API of one network over node:http. */
export function httpServer(network: Network): Server {
  return createServer((request, response) => {
    answer(network, request, response).catch((error: unknown) => {
      network.exchange.onBug(error);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
}

async function answer(
  network: Network,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  if (body === null) {
    writeJson(response, 413, { message: `a body may have ${BODY_BYTES_MAX} bytes` });
    return;
  }
  if (isControl(request.url ?? '/')) {
    handleControl(network, request, body, response);
    return;
  }
  const outcome = await network.request({
    method: request.method ?? 'GET',
    target: request.url ?? '/',
    authorization: request.headers.authorization ?? null,
    body,
  });
  switch (outcome.kind) {
    case 'response':
      writeJson(response, outcome.response.status, outcome.response.body);
      return;
    case 'reset':
      request.socket.destroy();
      return;
    case 'hang':
      return;
  }
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_BYTES_MAX) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function writeJson(response: ServerResponse, status: number, body: unknown): void {
  if (body === null) {
    response.writeHead(status).end();
    return;
  }
  const text = JSON.stringify(body);
  if (status === 401) response.setHeader('WWW-Authenticate', 'Basic realm="Twilio API"');
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}
