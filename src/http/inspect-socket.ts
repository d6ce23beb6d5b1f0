import type { FastifyInstance } from 'fastify';
import type { SessionId } from '../domain/ids.ts';
import type { FloorWatch } from '../watch/floor-watch.ts';
import { statelyEvent } from '../watch/stately-events.ts';

export interface InspectSocketOptions {
  watch: FloorWatch;
  origins: () => readonly string[];
  now: () => number;
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);
const CLOSE_GONE = 4404;

/**
 * For a developer's inspector on this machine: the events of one session's actors in Stately's protocol, from its opening on.
 * `/inspect/SESSION`, or `/inspect` for the newest. Registered only where `INSPECT=1` asks for it, which a configuration
 * with real credentials refuses.
 */
export function inspectSocket(app: FastifyInstance, options: InspectSocketOptions): void {
  app.get<{ Params: { session?: string } }>(
    '/inspect/:session?',
    {
      websocket: true,
      preValidation: async ({ ip, headers }, reply) => {
        // A tool of this machine sends no origin; a browser sends its page's.
        const isOurs = headers.origin === undefined || options.origins().includes(headers.origin);
        if (!LOOPBACK.has(ip) || !isOurs) {
          return reply.code(403).send({ error: { code: 'forbidden', message: 'not from here' } });
        }
      },
    },
    async (socket, request) => {
      const { watch, now } = options;
      const named = request.params.session as SessionId | undefined;
      const sessionId = named ?? watch.newest;
      if (sessionId === null) return socket.close(CLOSE_GONE, 'no session is open');
      const tell = (event: object | null): void => {
        if (event && socket.readyState === socket.OPEN) socket.send(JSON.stringify(event));
      };
      const following = await watch.session(
        sessionId,
        () => {},
        (event) => tell(statelyEvent(event, now())),
      );
      socket.on('close', () => following.stop());
      if (following.steps.length === 0) socket.close(CLOSE_GONE, 'no such session');
      if (socket.readyState !== socket.OPEN) following.stop();
    },
  );
}
