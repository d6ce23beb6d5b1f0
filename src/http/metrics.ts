import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Metrics } from '../reports/metrics.ts';

export interface MetricsOptions {
  metrics: Metrics;
  /** `Authorization: Bearer` of who may read from elsewhere; null: only this machine may. */
  token: string | null;
}

/** `GET /metrics`. They hold no names and no numbers, but tell how the business goes: not for everybody. */
export async function metricsRoute(
  app: FastifyInstance,
  { metrics, token }: MetricsOptions,
): Promise<void> {
  app.get('/metrics', async (request, reply) => {
    const mayRead = token === null ? isFromHere(request) : isBearer(request, token);
    if (!mayRead) return reply.code(403).send({ error: { code: 'forbidden' } });
    return reply.type(metrics.contentType).send(await metrics.text());
  });
}

/** A proxy on this machine speaks from here for others: what was forwarded is not from here. */
function isFromHere({ raw }: FastifyRequest): boolean {
  const { headers, socket } = raw;
  if (headers['x-forwarded-for'] !== undefined || headers['forwarded'] !== undefined) return false;
  return /^(::1|(::ffff:)?127\.)/.test(socket.remoteAddress ?? '');
}

function isBearer({ headers }: FastifyRequest, token: string): boolean {
  const [given, wanted] = [headers.authorization ?? '', `Bearer ${token}`].map((text) =>
    Buffer.from(text),
  );
  return given?.length === wanted?.length && timingSafeEqual(given!, wanted!);
}
