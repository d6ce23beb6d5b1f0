import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import type { Dialer } from '../dialer/dialer.ts';
import { LEAD_FILE_LIMITS, type Mapping } from '../domain/lead-import.ts';
import type { LeadBook } from '../leads/lead-book.ts';
import { exportLeads } from '../leads/lead-export.ts';
import { LeadFileError } from '../leads/lead-file.ts';
import { readLeadFile, type LeadFile } from '../leads/lead-file-thread.ts';
import type { PageHub } from './page-hub.ts';
import { letInPages, type PageRequestOptions } from './page-requests.ts';

export interface LeadsApiOptions extends PageRequestOptions {
  dialer: Dialer;
  hub: PageHub;
  book: LeadBook;
  /** Country of numbers that name none, as ISO 3166-1 has it. */
  defaultCountry: string;
}

/** Each keeps a whole file and a thread; two are read at once, the next is asked to wait. */
const FILES_AT_ONCE = 2;
/** Progress is told in steps of this many rows. */
const PROGRESS_ROWS = 5000;

const Place = Type.Optional(Type.Integer({ minimum: -1, maximum: 1000 }));
const Query = Type.Object({ phone: Place, name: Place, surname: Place, skip: Place });
type Query = Static<typeof Query>;
const QUERY = { querystring: Query };

/**
 * Lists in and out, for a page that has signed in. The file is the body, `text/csv`; a preview changes nothing, an import
 * is all or nothing.
 */
export async function leadsApi(app: FastifyInstance, options: LeadsApiOptions): Promise<void> {
  let underWay = 0;
  app.addContentTypeParser(
    'text/csv',
    { parseAs: 'buffer', bodyLimit: LEAD_FILE_LIMITS.maxBytes },
    (_request, body, done) => done(null, body),
  );
  letInPages(app, options);

  const read = async (request: FastifyRequest): Promise<LeadFile> => {
    underWay += 1;
    let told = 0;
    try {
      return await readLeadFile(
        {
          bytes: request.body instanceof Uint8Array ? request.body : new Uint8Array(),
          mapping: mappingOf(request.query as Query),
          country: options.defaultCountry,
        },
        (phones) => options.book.known(phones),
        (done, total) => {
          if (total < 2 * PROGRESS_ROWS || (done !== total && done - told < PROGRESS_ROWS)) return;
          told = done;
          if (request.sessionId) options.hub.importing(request.sessionId, done, total);
        },
      );
    } finally {
      underWay -= 1;
    }
  };

  app.setErrorHandler((error, _request, reply) => {
    if (!(error instanceof LeadFileError)) throw error;
    return reply.code(422).send({ error: { code: error.problem, line: error.line } });
  });
  app.addHook('preHandler', async (request, reply) => {
    if (request.method !== 'POST' || underWay < FILES_AT_ONCE) return;
    return reply
      .code(429)
      .header('retry-after', '5')
      .send({ error: { code: 'too_many' } });
  });
  // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Fastify, not Express
  app.post('/leads/preview', { schema: QUERY }, async (request) => (await read(request)).preview);
  app.post('/leads/import', { schema: QUERY }, async (request, reply) => {
    const { importId, preview, batches } = await read(request);
    if (preview.mapping.phone === null) throw new LeadFileError('noPhoneColumn');
    const skipped = preview.bad + preview.duplicates;
    if (skipped > 0 && (request.query as Query).skip !== 1) {
      return reply
        .code(409)
        .send({ error: { code: 'badRows', line: preview.problems[0]?.line ?? null } });
    }
    const added = await options.book.import(importId, batches);
    options.dialer.leadsAdded();
    options.hub.leadsChanged();
    return { added, skipped: preview.rows - added };
  });
  app.get('/leads/export', async (_request, reply) =>
    reply
      .type('text/csv; charset=utf-8')
      .header('content-disposition', 'attachment; filename="leads.csv"')
      .header('cache-control', 'no-store')
      .send(Readable.from(exportLeads(options.book))),
  );
}

const column = (index = -1): number | null => (index < 0 ? null : index);

/** Without a phone column the server guesses; -1 means that a column was unchosen. */
function mappingOf({ phone, name, surname }: Query): Mapping | null {
  return phone === undefined
    ? null
    : { phone: column(phone), name: column(name), surname: column(surname) };
}
