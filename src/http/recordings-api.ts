import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { letInPages, type PageRequestOptions } from './page-requests.ts';

/** What can be done with recordings; each in a thread of its own, because calls do not wait for it. */
export interface Recordings {
  /** A recording without personal data; null where the store holds nothing of it. `callId`: up to that call's end. */
  export(sessionId: string, callId: string | null): Promise<string | null>;
  /** The verdict as `replay --json` prints it, or why the file cannot be read: `file:line: reason`. */
  replay(name: string, bytes: Uint8Array): Promise<{ verdict: string } | { unreadable: string }>;
}

export interface RecordingsApiOptions extends PageRequestOptions {
  recordings: Recordings;
}

/** The log of a bad day has some MB. Its timeline is a few times as large. */
const FILE_BYTES_MAX = 10 * 1024 * 1024;
/** Each keeps a file and a thread; the next is asked to wait. */
const AT_ONCE = 2;
const ID = '^[A-Za-z0-9_-]{22}$';

const EXPORT = {
  params: Type.Object({ session: Type.String({ pattern: ID }) }),
  querystring: Type.Object({ call: Type.Optional(Type.String({ pattern: ID })) }),
};
const REPLAY = {
  querystring: Type.Object({ name: Type.String({ minLength: 1, maxLength: 200 }) }),
};

/** Recordings out (a session of this server) and in (a file that is replayed; nothing of it is kept). */
export async function recordingsApi(
  app: FastifyInstance,
  options: RecordingsApiOptions,
): Promise<void> {
  const { recordings } = options;
  let underWay = 0;
  letInPages(app, options);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/octet-stream',
    { parseAs: 'buffer', bodyLimit: FILE_BYTES_MAX },
    (_request, body, done) => done(null, body),
  );
  app.addHook('preHandler', async (_request, reply) => {
    if (underWay < AT_ONCE) return;
    return reply
      .code(429)
      .header('retry-after', '5')
      .send({ error: { code: 'too_many' } });
  });
  const oneOfFew = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    underWay += 1;
    try {
      return await work();
    } finally {
      underWay -= 1;
    }
  };
  app.get('/recordings/:session', { schema: EXPORT }, async (request, reply) => {
    const { session } = request.params as { session: string };
    const { call = null } = request.query as { call?: string };
    const text = await oneOfFew(() => recordings.export(session, call));
    if (text === null) return reply.code(404).send({ error: { code: 'not_found' } });
    return reply
      .type('application/x-ndjson; charset=utf-8')
      .header('content-disposition', 'attachment; filename="recording.ndjson"')
      .header('cache-control', 'no-store')
      .send(text);
  });
  app.post('/recordings/replay', { schema: REPLAY }, async (request, reply) => {
    const { name } = request.query as { name: string };
    const bytes = request.body instanceof Uint8Array ? request.body : new Uint8Array();
    const done = await oneOfFew(() => recordings.replay(name, bytes));
    if ('unreadable' in done) {
      return reply.code(422).send({ error: { code: 'unreadable', reason: done.unreadable } });
    }
    return reply.type('application/json; charset=utf-8').send(done.verdict);
  });
}
