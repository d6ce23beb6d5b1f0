import { createHash, timingSafeEqual } from 'node:crypto';
import websocket from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import type { RawData, WebSocket } from 'ws';
import { JournalError } from '../domain/errors.ts';
import type { AgentCommand } from '../domain/events.ts';
import type { AgentId, CallId, SessionId } from '../domain/ids.ts';
import type { SessionView } from '../domain/session-view.ts';
import {
  CLOSE_CODES,
  type Method,
  type Notification,
  type NotificationName,
  type Params,
} from '../protocol/messages.ts';
import { closePages } from './close-pages.ts';
import type { HandsetLine } from './handset.ts';
import { FloorWatch } from './floor-watch.ts';
import { conflict, failures, parseMessage, type RpcFailure, type RpcRequest } from './json-rpc.ts';
import {
  callDetails,
  clearLeads,
  figures,
  isCorrectable,
  leadsPage,
  saveNotes,
  startOver,
  type Answer,
  type ListOptions,
} from './list-methods.ts';
import type { Page, PageNotice } from './page-hub.ts';
import { refuseForeignOrigin, sendMessage, sharedNotification } from './page-sockets.ts';
import type { PageTokens } from './page-token.ts';

export interface AgentSocketOptions extends ListOptions {
  tokens: PageTokens;
  passphrase: string | null;
  /** Origins of pages that may open a socket (threat T7: a browser sends cookies and sockets for any page). */
  origins: () => readonly string[];
  /** The handset of a session on the simulated network; null where calls are real. */
  handset: ((sessionId: SessionId) => HandsetLine) | null;
  /** Country of numbers in a lead file that name none, as ISO 3166-1 has it. */
  defaultCountry: string;
  now: () => number;
  floorEveryMs?: number;
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
/** Changes of the list within this time are one. */
const LIST_TOLD_EVERY_MS = 400;

/** The pages' way in: JSON-RPC 2.0 over one WebSocket each, at `/agent`. */
export async function agentSocket(
  app: FastifyInstance,
  options: AgentSocketOptions,
): Promise<void> {
  await app.register(websocket, {
    options: { maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false },
    preClose: (done) => closePages(app, done),
    errorHandler: (error, socket, request) => {
      // A frame that is none, or too big: ws closes with the code that says so, and nobody here has to act.
      if (String((error as NodeJS.ErrnoException).code).startsWith('WS_ERR_')) return;
      request.log.error({ err: error }, 'socket failed');
      socket.terminate();
    },
  });
  const { hub, book } = options;
  const stretches = (since: number, stretchMs: number) => book.stretches(since, stretchMs);
  const floor = new FloorWatch({ ...options, stretches });
  hub.onTurn = () => floor.touched();
  app.get(
    '/agent',
    {
      websocket: true,
      preValidation: refuseForeignOrigin(options.origins),
    },
    (socket) => void new AgentPage(socket, options, floor),
  );
}

/**
 * One page's socket.
 *   P1. Nothing is answered before the page has signed in or resumed.
 *   P2. Notices leave in the order in which the dialer gave them, numbered from 1 without a gap.
 *   P3. The result of a command leaves when the command is durable.
 *   P4. A supervisor's page watches and orders nothing.
 */
class AgentPage implements Page {
  readonly #socket: WebSocket;
  readonly #options: AgentSocketOptions;
  readonly #floor: FloorWatch;
  readonly #closed = new AbortController();
  #sessionId: SessionId | null = null;
  #handset: HandsetLine | null = null;
  #unwatch: (() => void) | null = null;
  /** Whether the page has a part of the list before it that it was not told of as changed yet. */
  #showsLeads = false;
  #seq = 0;
  #unanswered = 0;
  #isOver = false;
  #lastPongAt: number;
  #bad: number[] = [];
  #recent: number[] = [];

  constructor(socket: WebSocket, options: AgentSocketOptions, floor: FloorWatch) {
    this.#socket = socket;
    this.#options = options;
    this.#floor = floor;
    this.#lastPongAt = options.now();
    const impatience = setTimeout(() => {
      if (!this.#isKnown) socket.close(CLOSE_CODES.notSignedIn, 'sign in first');
    }, SIGN_IN_WITHIN_MS);
    const heartbeat = setInterval(() => this.#beat(), PING_EVERY_MS);
    socket.on('pong', () => (this.#lastPongAt = options.now()));
    socket.on('message', (data, isBinary) => this.#hear(data, isBinary));
    socket.on('close', () => {
      clearTimeout(impatience);
      clearInterval(heartbeat);
      this.#closed.abort();
      this.#unwatch?.();
      this.#leave();
    });
  }

  get #isKnown(): boolean {
    return this.#sessionId !== null || this.#unwatch !== null;
  }

  tell(notice: PageNotice): void {
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
      case 'leadsChanged':
        return this.#tellOfLeads();
      case 'importing':
        return this.#notify('leads.importing', { done: notice.done, total: notice.total });
    }
  }

  /** Once, until the page has looked again: a page that nobody looks at costs nothing. */
  #tellOfLeads(): void {
    if (!this.#showsLeads) return;
    this.#showsLeads = false;
    setTimeout(() => this.#notify('leads.changed', {}), LIST_TOLD_EVERY_MS);
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
      return;
    }
    this.#socket.ping();
    if (this.#isKnown) this.#notify('server.beat', { now: this.#options.now() });
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
    const answer = await this.#answer(request).catch((error: unknown): { error: RpcFailure } => ({
      error: error instanceof JournalError ? failures.journalUnwritable : failures.internal,
    }));
    this.#send({ jsonrpc: '2.0', id: request.id, ...answer });
    this.#unanswered -= 1;
    this.#closeIfOver();
  }

  async #answer({ method, params }: RpcRequest): Promise<Answer> {
    if (method === 'agent.signIn') return this.#signIn(params as Params<'agent.signIn'>);
    if (method === 'agent.resume') return this.#resume(params as Params<'agent.resume'>);
    if (method === 'floor.watch') return this.#watchFloor(params as Params<'floor.watch'>);
    const sessionId = this.#sessionId;
    if (!sessionId) return { error: failures.notSignedIn };
    if (method.startsWith('handset.')) return this.#useHandset(method, params);
    const view = this.#options.dialer.view(sessionId);
    if (!view) return { error: failures.sessionOver };
    const asked = this.#ask(method, params, view);
    if (asked) return asked;
    const outcome = await this.#options.dialer.command(sessionId, agentCommand(method, params));
    switch (outcome.kind) {
      case 'done':
        return { result: {} };
      case 'refused':
        return { error: conflict(outcome.reason) };
      case 'unwritable':
        return { error: outcome.isKept ? failures.notWrittenYet : failures.journalUnwritable };
      case 'noSession':
        return { error: failures.sessionOver };
    }
  }

  /** What the store answers, or what is refused before it reaches the session; null: a command. */
  #ask(method: Method, params: unknown, view: SessionView): Promise<Answer> | Answer | null {
    const options = this.#options;
    if (method === 'leads.page') {
      this.#showsLeads = true;
      return leadsPage(options, params as Params<'leads.page'>);
    }
    if (method === 'leads.clear') return clearLeads(options);
    if (method === 'leads.startOver') {
      // A real list is never begun again by a click.
      return options.handset ? startOver(options) : { error: failures.noHandset };
    }
    if (method === 'call.details') {
      return callDetails(options, view, (params as Params<'call.details'>).callId as CallId);
    }
    if (method === 'agent.saveNotes') {
      return saveNotes(options, view, params as Params<'agent.saveNotes'>);
    }
    if (method === 'agent.figures') {
      const { since } = params as Params<'agent.figures'>;
      return figures(options, agentIdOf(view.agentName), since);
    }
    if (method !== 'agent.correct') return null;
    const { callId } = params as Params<'agent.correct'>;
    return isCorrectable(view, callId) ? null : { error: conflict('unknownCall') };
  }

  /** A supervisor: the passphrase is the agents' own; a token is as good, until the passphrase is another. */
  #watchFloor({ passphrase, token }: Params<'floor.watch'>): Answer {
    const { passphrase: wanted, tokens } = this.#options;
    const floorId = floorIdOf(wanted);
    const isKnown = token !== undefined && tokens.read(token) === floorId;
    if (!isKnown && wanted !== null && !isSame(passphrase ?? '', wanted)) {
      return { error: failures.wrongPassphrase };
    }
    this.#unwatch ??= this.#floor.watch((shown) =>
      this.#send(sharedNotification('floor.view', ++this.#seq, shown)),
    );
    return { result: { token: tokens.issue(floorId) } };
  }

  async #signIn({ name, passphrase }: Params<'agent.signIn'>) {
    const { dialer, passphrase: wanted } = this.#options;
    if (wanted !== null && !isSame(passphrase ?? '', wanted)) {
      return { error: failures.wrongPassphrase };
    }
    const agentName = name.trim().replaceAll(/\s+/g, ' ');
    return this.#enter(await dialer.signIn(agentIdOf(agentName), agentName));
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

  #send(message: object | Buffer): void {
    sendMessage(this.#socket, message, MAX_BUFFERED_BYTES);
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
    case 'agent.correct': {
      const { callId, disposition, notes } = params as Params<'agent.correct'>;
      return { type: method, callId: callId as CallId, disposition, notes };
    }
    case 'agent.setAutoNext':
      return { type: method, on: (params as Params<'agent.setAutoNext'>).on };
    case 'agent.callLeads':
    case 'agent.pause':
    case 'agent.hangUp':
    case 'agent.signOut':
      return { type: method };
    case 'agent.signIn':
    case 'agent.resume':
    case 'agent.saveNotes':
    case 'agent.figures':
    case 'call.details':
    case 'leads.page':
    case 'leads.clear':
    case 'leads.startOver':
    case 'floor.watch':
    case 'handset.dial':
    case 'handset.press':
    case 'handset.hangUp':
      throw new Error(`${method} is no command`);
  }
}

/** One agent is one name, however she spells it. */
const agentIdOf = (agentName: string): AgentId => agentName.toLowerCase() as AgentId;

/** Stands where a session's id stands in a token; another one with every passphrase, and no session's. */
const floorIdOf = (passphrase: string | null): SessionId =>
  createHash('sha256')
    .update(`floor:${passphrase ?? ''}`)
    .digest('base64url')
    .slice(0, 22) as SessionId;

/** Constant-time for texts of equal length; the length of a passphrase is no secret worth hiding. */
function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
