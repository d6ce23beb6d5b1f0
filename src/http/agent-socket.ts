import { timingSafeEqual } from 'node:crypto';
import websocket from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import type { RawData, WebSocket } from 'ws';
import type { Dialer } from '../dialer/dialer.ts';
import type { Notice } from '../dialer/ports.ts';
import type { AgentCommand } from '../domain/events.ts';
import type { AgentId, CallId, SessionId } from '../domain/ids.ts';
import {
  CLOSE_CODES,
  type LeadRow,
  type Method,
  type Notification,
  type NotificationName,
  type Params,
} from '../protocol/messages.ts';
import { closePages } from './close-pages.ts';
import type { HandsetLine } from './handset.ts';
import { conflict, failures, parseMessage, type RpcFailure, type RpcRequest } from './json-rpc.ts';
import type { Page, PageHub } from './page-hub.ts';
import type { PageTokens } from './page-token.ts';

export interface AgentSocketOptions {
  dialer: Dialer;
  hub: PageHub;
  tokens: PageTokens;
  passphrase: string | null;
  /** Origins of pages that may open a socket (threat T7: a browser sends cookies and sockets for any page). */
  origins: () => readonly string[];
  /** The handset of a session on the simulated network; null where calls are real. */
  handset: ((sessionId: SessionId) => HandsetLine) | null;
  leads: () => Promise<LeadRow[]>;
  now: () => number;
}

/** A page that has not said who it is within this time is closed. */
const SIGN_IN_WITHIN_MS = 5000;
const PING_EVERY_MS = 15_000;
/** Three pings without a pong. */
const SILENT_AFTER_MS = 45_000;
const MAX_MESSAGE_BYTES = 16 * 1024;
const MAX_MESSAGES_PER_SECOND = 20;
const MAX_BAD_MESSAGES = 3;
const BAD_MESSAGES_WITHIN_MS = 10_000;
/** A reader that is this far behind is closed (1013) and resumes with one view instead of a thousand. */
const MAX_BUFFERED_BYTES = 1024 * 1024;
const CLOSE_POLICY = 1008;
const CLOSE_BINARY = 1003;
const CLOSE_TRY_LATER = 1013;

/** The pages' way in: JSON-RPC 2.0 over one WebSocket each, at `/agent`. */
export async function agentSocket(
  app: FastifyInstance,
  options: AgentSocketOptions,
): Promise<void> {
  await app.register(websocket, {
    options: { maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false },
    preClose: (done) => closePages(app, done),
  });
  app.get(
    '/agent',
    {
      websocket: true,
      preValidation: async (request, reply) => {
        const { origin } = request.headers;
        if (!origin || !options.origins().includes(origin)) {
          return reply.code(403).send({ error: { code: 'forbidden', message: 'foreign origin' } });
        }
      },
    },
    (socket) => void new AgentPage(socket, options),
  );
}

/**
 * One page's socket.
 *   P1. Nothing is answered before the page has signed in or resumed.
 *   P2. Notices leave in the order in which the dialer gave them, numbered from 1 without a gap.
 *   P3. The result of a command leaves when the command is durable.
 */
class AgentPage implements Page {
  readonly #socket: WebSocket;
  readonly #options: AgentSocketOptions;
  readonly #closed = new AbortController();
  #sessionId: SessionId | null = null;
  #handset: HandsetLine | null = null;
  #seq = 0;
  #unanswered = 0;
  #isOver = false;
  #lastPongAt: number;
  #bad: number[] = [];
  #recent: number[] = [];

  constructor(socket: WebSocket, options: AgentSocketOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#lastPongAt = options.now();
    const impatience = setTimeout(() => {
      if (!this.#sessionId) socket.close(CLOSE_CODES.notSignedIn, 'sign in first');
    }, SIGN_IN_WITHIN_MS);
    const heartbeat = setInterval(() => this.#beat(), PING_EVERY_MS);
    socket.on('pong', () => (this.#lastPongAt = options.now()));
    socket.on('message', (data, isBinary) => this.#hear(data, isBinary));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      clearTimeout(impatience);
      clearInterval(heartbeat);
      this.#closed.abort();
      this.#leave();
    });
  }

  tell(notice: Notice): void {
    switch (notice.type) {
      case 'view':
        return this.#notify('session.view', { now: this.#options.now(), view: notice.view });
      case 'answered': {
        const { callId, leadId, at } = notice;
        return this.#notify('call.answered', { callId, leadId, at });
      }
      case 'ended': {
        const { callId, leadId, outcome, at } = notice;
        return this.#notify('call.ended', { callId, leadId, outcome, at });
      }
      case 'listFinished':
        return this.#notify('list.finished', { at: notice.at });
    }
  }

  replaced(): void {
    this.#socket.close(CLOSE_CODES.replaced, 'opened in another page');
  }

  ended(): void {
    this.#isOver = true;
    this.#closeIfOver();
  }

  /** What was asked is answered first: the result of agent.signOut among it. */
  #closeIfOver(): void {
    if (this.#isOver && this.#unanswered === 0) {
      this.#socket.close(CLOSE_CODES.notSignedIn, 'the session is over');
    }
  }

  #beat(): void {
    if (this.#options.now() - this.#lastPongAt > SILENT_AFTER_MS) {
      this.#socket.close(CLOSE_CODES.silent, 'no pong');
      this.#socket.terminate();
    } else this.#socket.ping();
  }

  #hear(data: RawData, isBinary: boolean): void {
    if (isBinary) return this.#socket.close(CLOSE_BINARY, 'text only');
    if (this.#isFlood()) return this.#socket.close(CLOSE_CODES.flood, 'too many messages');
    // ws gives text as one Buffer unless told otherwise.
    const parsed = parseMessage((data as Buffer).toString('utf8'));
    if ('failure' in parsed) {
      this.#send({ jsonrpc: '2.0', id: parsed.id, error: parsed.failure });
      if (this.#isNuisance()) this.#socket.close(CLOSE_POLICY, 'too many bad messages');
      return;
    }
    void this.#serve(parsed.request);
  }

  async #serve(request: RpcRequest): Promise<void> {
    this.#unanswered += 1;
    const answer = await this.#answer(request).catch((): { error: RpcFailure } => ({
      error: failures.internal,
    }));
    this.#send({ jsonrpc: '2.0', id: request.id, ...answer });
    this.#unanswered -= 1;
    this.#closeIfOver();
  }

  async #answer({
    method,
    params,
  }: RpcRequest): Promise<{ result: object } | { error: RpcFailure }> {
    if (method === 'agent.signIn') return this.#signIn(params as Params<'agent.signIn'>);
    if (method === 'agent.resume') return this.#resume(params as Params<'agent.resume'>);
    const sessionId = this.#sessionId;
    if (!sessionId) return { error: failures.notSignedIn };
    if (method === 'leads.list') return { result: { leads: await this.#options.leads() } };
    if (method.startsWith('handset.')) return this.#useHandset(method, params);
    const outcome = await this.#options.dialer.command(sessionId, agentCommand(method, params));
    switch (outcome.kind) {
      case 'done':
        return { result: {} };
      case 'refused':
        return { error: conflict(outcome.reason) };
      case 'noSession':
        return { error: failures.sessionOver };
    }
  }

  async #signIn({ name, passphrase }: Params<'agent.signIn'>) {
    const { dialer, passphrase: wanted } = this.#options;
    if (wanted !== null && !isSame(passphrase ?? '', wanted)) {
      return { error: failures.wrongPassphrase };
    }
    const agentName = name.trim().replaceAll(/\s+/g, ' ');
    const agentId = agentName.toLowerCase() as AgentId;
    return this.#enter(await dialer.signIn(agentId, agentName));
  }

  async #resume({ token }: Params<'agent.resume'>) {
    const sessionId = this.#options.tokens.read(token);
    if (!sessionId || !this.#options.dialer.isLive(sessionId))
      return { error: failures.sessionOver };
    return this.#enter(sessionId);
  }

  #enter(sessionId: SessionId): { result: object } {
    const { dialer, hub, tokens, handset } = this.#options;
    if (this.#sessionId && this.#sessionId !== sessionId) this.#leave();
    const isNew = this.#sessionId === null;
    this.#sessionId = sessionId;
    hub.attach(sessionId, this);
    dialer.setAttached(sessionId, true);
    if (isNew && handset) {
      this.#handset = handset(sessionId);
      this.#handset.watch(this.#closed.signal, (shown) =>
        this.#notify('handset.changed', { handset: shown }),
      );
    }
    return { result: { token: tokens.issue(sessionId), simulated: handset !== null } };
  }

  async #useHandset(method: Method, params: unknown) {
    const handset = this.#handset;
    if (!handset) return { error: failures.noHandset };
    if (method === 'handset.dial') await handset.dial();
    if (method === 'handset.press') await handset.press((params as Params<'handset.press'>).digits);
    if (method === 'handset.hangUp') await handset.hangUp();
    return { result: {} };
  }

  #leave(): void {
    const sessionId = this.#sessionId;
    this.#sessionId = null;
    if (sessionId && this.#options.hub.detach(sessionId, this)) {
      this.#options.dialer.setAttached(sessionId, false);
    }
  }

  #notify<N extends NotificationName>(method: N, params: Omit<Notification<N>, 'seq'>): void {
    this.#send({ jsonrpc: '2.0', method, params: { seq: ++this.#seq, ...params } });
  }

  #send(message: object): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      this.#socket.close(CLOSE_TRY_LATER, 'reading too slowly');
      this.#socket.terminate();
      return;
    }
    this.#socket.send(JSON.stringify(message));
  }

  #isFlood(): boolean {
    const now = this.#options.now();
    this.#recent = [...this.#recent.filter((at) => now - at < 1000), now];
    return this.#recent.length > MAX_MESSAGES_PER_SECOND;
  }

  #isNuisance(): boolean {
    const now = this.#options.now();
    this.#bad = [...this.#bad.filter((at) => now - at < BAD_MESSAGES_WITHIN_MS), now];
    return this.#bad.length >= MAX_BAD_MESSAGES;
  }
}

function agentCommand(method: Method, params: unknown): AgentCommand {
  switch (method) {
    case 'agent.setLines':
      return { type: method, lines: (params as Params<'agent.setLines'>).lines };
    case 'agent.dispose': {
      const { callId, disposition, notes } = params as Params<'agent.dispose'>;
      return { type: method, callId: callId as CallId, disposition, notes };
    }
    case 'agent.callLeads':
    case 'agent.pause':
    case 'agent.hangUp':
    case 'agent.signOut':
      return { type: method };
    case 'agent.signIn':
    case 'agent.resume':
    case 'leads.list':
    case 'handset.dial':
    case 'handset.press':
    case 'handset.hangUp':
      throw new Error(`${method} is no command`);
  }
}

/** Constant-time for texts of equal length; the length of a passphrase is no secret worth hiding. */
function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
