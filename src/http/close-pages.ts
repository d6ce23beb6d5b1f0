import type { FastifyInstance } from 'fastify';

const CLOSE_RESTART = 1012;
/** A page that does not answer the close, on a laptop that sleeps, must not hold up the end of the server. */
const CLOSED_WITHIN_MS = 1000;

/** For the `preClose` of @fastify/websocket: every page is told, and those that do not answer are cut off. */
export function closePages({ websocketServer }: FastifyInstance, done: () => void): void {
  for (const socket of websocketServer.clients) socket.close(CLOSE_RESTART, 'the server restarts');
  const impatience = setTimeout(() => {
    for (const socket of websocketServer.clients) socket.terminate();
  }, CLOSED_WITHIN_MS);
  websocketServer.close(() => {
    clearTimeout(impatience);
    done();
  });
}
