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

/** What many pages are told, as bytes of JSON; for as long as somebody has the params. */
const sharedParams = new WeakMap<object, Buffer>();

/**
 * A notification whose params are the same object for many pages: they are encoded once, and only the number is each
 * page's own. They are not changed afterwards, and not empty.
 */
export function sharedNotification(method: string, seq: number, params: object): Buffer {
  let encoded = sharedParams.get(params);
  if (!encoded) {
    encoded = Buffer.from(`${JSON.stringify(params).slice(1)}}`);
    sharedParams.set(params, encoded);
  }
  const head = `{"jsonrpc":"2.0","method":"${method}","params":{"seq":${seq},`;
  const message = Buffer.allocUnsafe(head.length + encoded.length);
  message.write(head, 'latin1');
  encoded.copy(message, head.length);
  return message;
}

/**
 * Sends a message, which may be encoded already, unless the page has gone; one that is this far behind with reading is
 * let go (1013).
 */
export function sendMessage(
  socket: WebSocket,
  message: object | Buffer,
  maxBufferedBytes: number,
): void {
  if (socket.readyState !== socket.OPEN) return;
  if (socket.bufferedAmount > maxBufferedBytes) {
    socket.close(CLOSE_TRY_LATER, 'reading too slowly');
    socket.terminate();
    return;
  }
  const text = Buffer.isBuffer(message) ? message : JSON.stringify(message);
  socket.send(text, { binary: false });
}
