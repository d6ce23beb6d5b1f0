// A stand-in for the server, as the page sees it: the built page over HTTP with the policy it must live under, and a real
// WebSocket that speaks the protocol. It decides nothing by itself: a test says what the server says.
//   F1. Every request is recorded, and answered by the script (`on`), or with `{}`.
//   F2. `seq` counts from 1 on each socket, as in the protocol; `skipSeq` breaks it on purpose.
//   F3. A page that resumes with a token gets the present view at once.
import { statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import fastifyWebsocket from '@fastify/websocket';
import fastify, { type FastifyInstance } from 'fastify';
import type { WebSocket } from 'ws';
import type { SessionView } from '../../../src/domain/session-view.ts';
import type { WatchNotification } from '../../../src/protocol/machines.ts';
import { ERROR_CODES, type Method } from '../../../src/protocol/messages.ts';

const WEB_SOURCES = fileURLToPath(new URL('../../../src/web', import.meta.url));
const WEB_BUILT = fileURLToPath(new URL('../../../dist/web', import.meta.url));

/** The strictest policy the page is promised to work under. */
const PAGE_POLICY =
  "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'";

export interface Request {
  method: Method;
  params: Record<string, unknown>;
}
export interface RpcError {
  error: { code: number; message: string; data?: { reason: string } };
}
const UNPROCESSABLE = 422;
const isRefusal = (answer: unknown): answer is RpcError =>
  typeof answer === 'object' && answer !== null && 'error' in answer;

/** What a method answers; nothing means `{}`, a promise is waited for. */
export type Script = (params: Record<string, unknown>) => unknown;

export const refuse = (code: number, reason: string): RpcError => ({
  error: { code, message: reason, data: { reason } },
});

export interface FakeServer {
  url: string;
  requests: Request[];
  /** Scripts the answer of one method. */
  on: (method: Method | 'leads/preview' | 'leads/import', script: Script) => void;
  /** Sets the view; with a page on the line, it is told. */
  show: (view: SessionView) => void;
  notify: (method: string, params: Record<string, unknown>) => void;
  /** Loses one notification on the way. */
  skipSeq: () => void;
  /** What the page of the charts is told once it looks. */
  showMachines: (floor: Omit<WatchNotification<'machines.floor'>, 'seq'>) => void;
  /** Cuts every socket without a word, or with a close code. */
  cut: (code?: number) => void;
  /** While true, the page cannot connect. */
  refuseSockets: (isRefusing: boolean) => void;
  /** Tries to connect that were refused, since `refuseSockets(true)`. */
  socketsRefused: () => number;
  /** Forgets view, scripts and requests; sockets stay. */
  reset: () => void;
  close: () => Promise<void>;
}

export async function startFakeServer(port = 0): Promise<FakeServer> {
  await assertBuilt();
  const world = new World();
  const app = fastify();
  await app.register(fastifyWebsocket);
  await app.register(fastifyStatic, {
    root: WEB_BUILT,
    setHeaders: (response) => void response.header('content-security-policy', PAGE_POLICY),
  });
  app.get('/floor', (_request, reply) => reply.sendFile('index.html'));
  app.get('/machines', (_request, reply) => reply.sendFile('index.html'));
  app.addContentTypeParser('text/csv', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  );
  app.post('/leads/:what', async ({ params, query }, reply) => {
    const { what } = params as { what: string };
    const answer = await world.answerFile(`leads/${what}`, query as Record<string, unknown>);
    return reply.code(isRefusal(answer) ? UNPROCESSABLE : 200).send(answer);
  });
  app.get('/agent', { websocket: true }, (socket) => world.welcome(socket));
  app.get('/watch', { websocket: true }, (socket) => world.letWatch(socket));
  const url = await app.listen({ host: '127.0.0.1', port });
  return world.serverAt(url, app);
}

class World {
  readonly #requests: Request[] = [];
  readonly #scripts = new Map<string, Script>();
  readonly #seqs = new Map<WebSocket, number>();
  #view: SessionView | null = null;
  #machines: Parameters<FakeServer['showMachines']>[0] | null = null;
  #isRefusing = false;
  #refused = 0;

  serverAt(url: string, app: FastifyInstance): FakeServer {
    return {
      url,
      requests: this.#requests,
      on: (method, script) => this.#scripts.set(method, script),
      show: (view) => {
        this.#view = view;
        this.#tellAll('session.view', { now: Date.now(), view });
      },
      notify: (method, params) => this.#tellAll(method, params),
      skipSeq: () => {
        for (const [socket, seq] of this.#seqs) this.#seqs.set(socket, seq + 1);
      },
      showMachines: (floor) => (this.#machines = floor),
      cut: (code) => this.#cut(code),
      refuseSockets: (isRefusing) => {
        this.#isRefusing = isRefusing;
        this.#refused = 0;
      },
      socketsRefused: () => this.#refused,
      reset: () => {
        this.#view = null;
        this.#isRefusing = false;
        this.#scripts.clear();
        this.#requests.length = 0;
      },
      close: async () => {
        this.#cut();
        await app.close();
      },
    };
  }

  welcome(socket: WebSocket): void {
    if (this.#isRefusing) {
      this.#refused += 1;
      return socket.terminate();
    }
    socket.on('message', (data: Buffer) => void this.#answer(socket, data.toString()));
    socket.on('close', () => this.#seqs.delete(socket));
  }

  letWatch(socket: WebSocket): void {
    socket.on('message', (data: Buffer) => {
      const { id } = JSON.parse(data.toString()) as { id: number };
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, result: {} }));
      const params = { seq: 1, ...this.#machines };
      socket.send(JSON.stringify({ jsonrpc: '2.0', method: 'machines.floor', params }));
    });
  }

  answerFile(path: string, params: Record<string, unknown>): unknown {
    this.#requests.push({ method: path as Method, params });
    return this.#scripts.get(path)?.(params) ?? {};
  }

  async #answer(socket: WebSocket, text: string): Promise<void> {
    const { id, method, params } = JSON.parse(text) as Request & { id: number };
    this.#requests.push({ method, params });
    const script = this.#scripts.get(method) ?? (() => defaultAnswer(method));
    const answer = (await script(params)) ?? {};
    const isError = isRefusal(answer);
    const body = isError ? { error: answer.error } : { result: answer };
    socket.send(JSON.stringify({ jsonrpc: '2.0', id, ...body }));
    if (isError || !['agent.signIn', 'agent.resume', 'floor.watch'].includes(method)) return;
    this.#seqs.set(socket, 0);
    if (this.#view !== null && method !== 'floor.watch')
      this.#tell(socket, 'session.view', { now: Date.now(), view: this.#view });
  }

  #tellAll(method: string, params: Record<string, unknown>): void {
    for (const socket of this.#seqs.keys()) this.#tell(socket, method, params);
  }

  #tell(socket: WebSocket, method: string, params: Record<string, unknown>): void {
    const seq = (this.#seqs.get(socket) ?? 0) + 1;
    this.#seqs.set(socket, seq);
    socket.send(JSON.stringify({ jsonrpc: '2.0', method, params: { seq, ...params } }));
  }

  #cut(code?: number): void {
    for (const socket of this.#seqs.keys()) {
      if (code === undefined) socket.terminate();
      else socket.close(code);
    }
  }
}

function defaultAnswer(method: Method): unknown {
  switch (method) {
    case 'agent.signIn':
    case 'agent.resume':
      return { token: 'token-1', simulated: true };
    case 'leads.page':
      return { rows: [], total: 0, counts: { waiting: 0, reserved: 0, done: 0 } };
    case 'agent.figures':
      return { calls: 0, talks: 0, talkMs: 0, abandoned: 0, dispositions: {} };
    case 'call.details':
      return { notes: '', disposition: null, attempts: [] };
    case 'leads.clear':
      return { removed: 0 };
    case 'leads.startOver':
      return { waiting: 0 };
    case 'floor.watch':
      return { token: 'floor-1' };
    case 'agent.correct':
    case 'agent.setAutoNext':
    case 'agent.saveNotes':
    case 'agent.callLeads':
    case 'agent.pause':
    case 'agent.hangUp':
    case 'agent.setLines':
    case 'agent.dispose':
    case 'agent.signOut':
    case 'handset.dial':
    case 'handset.press':
    case 'handset.hangUp':
      return {};
    default:
      return refuse(ERROR_CODES.conflict, 'unknown method');
  }
}

/** Yesterday's page would pass yesterday's tests. */
async function assertBuilt(): Promise<void> {
  const entries = await readdir(WEB_SOURCES, { recursive: true, withFileTypes: true });
  const changedAtMs = entries
    .filter((entry) => entry.isFile())
    .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs);
  const builtAtMs =
    statSync(join(WEB_BUILT, 'index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (builtAtMs < Math.max(...changedAtMs)) {
    throw new Error('dist/web is older than src/web: run `npm run build:web` first');
  }
}
