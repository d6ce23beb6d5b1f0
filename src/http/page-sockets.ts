import type { FastifyReply, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';

const CLOSE_TRY_LATER = 1013;

/** Refuses the upgrade to pages of foreign origins: a browser opens sockets for any page (threat T7). */
export const refuseForeignOrigin =
  (origins: () => readonly string[]) =>
  async ({ headers }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | void> => {
    if (!headers.origin || !origins().includes(headers.origin)) {
      return reply.code(403).send({ error: { code: 'forbidden', message: 'foreign origin' } });
    }
  };

/** Sends a message, unless the page has gone; one that is this far behind with reading is let go (1013). */
export function sendMessage(socket: WebSocket, message: object, maxBufferedBytes: number): void {
  if (socket.readyState !== socket.OPEN) return;
  if (socket.bufferedAmount > maxBufferedBytes) {
    socket.close(CLOSE_TRY_LATER, 'reading too slowly');
    socket.terminate();
    return;
  }
  socket.send(JSON.stringify(message));
}
