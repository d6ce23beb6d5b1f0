import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { ImportPreview, Mapping } from '../domain/lead-import.ts';
import { ImportRefusal, ImportResult, Preview } from '../protocol/lead-import.ts';
import type { Desk } from './desk.ts';
import { TEXTS } from './texts.ts';

const TOO_LARGE = 413;
const TOO_MANY = 429;

export type FileAnswer<T> = { ok: true; result: T } | { ok: false; trouble: string };

/** Without a mapping the server guesses the columns. Nothing is added. */
export const previewLeads = (desk: Desk, file: File, mapping: Mapping | null) =>
  send<ImportPreview>(desk, `leads/preview${query(mapping)}`, file, Preview);

/** All or nothing, but for rows that `skip` leaves out. */
export const addLeads = (desk: Desk, file: File, mapping: Mapping, skip: boolean) =>
  send<ImportResult>(
    desk,
    `leads/import${query(mapping)}&skip=${skip ? 1 : 0}`,
    file,
    ImportResult,
  );

function query(mapping: Mapping | null): string {
  if (mapping === null) return '';
  const params = Object.entries(mapping).map(([key, column]) => `${key}=${column ?? -1}`);
  return `?${params.join('&')}`;
}

async function send<T>(
  desk: Desk,
  path: string,
  file: File,
  schema: TSchema,
): Promise<FileAnswer<T>> {
  try {
    const response = await desk.fetch(path, { method: 'POST', body: file });
    if (response.status === TOO_LARGE) return failed(TEXTS.importSheet.failed.tooBig);
    if (response.status === TOO_MANY) return failed(TEXTS.importSheet.busy);
    const body: unknown = await response.json();
    if (response.ok && Value.Check(schema, body)) return { ok: true, result: body as T };
    if (!Value.Check(ImportRefusal, body)) return failed(TEXTS.importSheet.lost);
    const { code, line } = body.error;
    const where = line === null ? '' : `${TEXTS.importSheet.line(line)}: `;
    return failed(`${where}${TEXTS.importSheet.failed[code]}`);
  } catch {
    // The network, or a proxy that answers something else: nothing was added that we know of.
    return failed(TEXTS.importSheet.lost);
  }
}

const failed = (trouble: string): { ok: false; trouble: string } => ({ ok: false, trouble });
