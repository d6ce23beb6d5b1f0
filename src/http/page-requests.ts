import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SessionId } from '../domain/ids.ts';
import type { PageTokens } from './page-token.ts';

export interface PageRequestOptions {
  tokens: PageTokens;
  /** A token outlives its session. */
  dialer: { isLive(sessionId: SessionId): boolean };
  origins: () => readonly string[];
}

/**
 * Lets in the requests of pages that have signed in, and no others: the token is in the Authorization header, which no
 * foreign page can send (threats T6, T7).
 */
export function letInPages(app: FastifyInstance, options: PageRequestOptions): void {
  app.decorateRequest('sessionId', null);
  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers;
    if (origin !== undefined && !options.origins().includes(origin))
      return refuse(reply, 403, 'forbidden');
    const sessionId = sessionOf(request, options);
    if (sessionId === null) return refuse(reply, 401, 'unauthenticated');
    request.sessionId = sessionId;
  });
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The session whose page asks; only where `letInPages` has let it in. */
    sessionId: SessionId | null;
  }
}

function sessionOf({ headers }: FastifyRequest, { tokens, dialer }: PageRequestOptions) {
  const token = /^Bearer (\S{1,200})$/.exec(headers.authorization ?? '')?.[1];
  const sessionId = token === undefined ? null : tokens.read(token);
  return sessionId !== null && dialer.isLive(sessionId) ? sessionId : null;
}

const refuse = (reply: FastifyReply, status: number, code: string) =>
  reply.code(status).send({ error: { code, requestId: reply.request.id } });
