import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a recording may know about the HTTP around a payload. */
export interface RecordedHttp {
  readonly method?: string;
  /** The document the leg was in; null or `-` for none. */
  readonly referer?: string | null;
  readonly userAgent?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request that Twilio once made, as recorded. */
export interface RecordedPayload {
  readonly source: string;
  readonly kind: string;
  readonly params: Readonly<Record<string, string>>;
  /** Something was redacted or cut: absence proves nothing. */
  readonly partial: boolean;
  readonly http: RecordedHttp;
}

class BadPayloadError extends Error {
  override readonly name = 'BadPayloadError';
}

/** Reads a directory's *.json files, in name order; a file holds one payload or a list of them. */
export async function loadPayloads(directory: string): Promise<{
  payloads: RecordedPayload[];
  unreadable: { source: string; reason: string }[];
}> {
  const names = (await readdir(directory, { recursive: true })).filter((name) =>
    name.endsWith('.json'),
  );
  const payloads: RecordedPayload[] = [];
  const unreadable: { source: string; reason: string }[] = [];
  for (const name of names.toSorted((a, b) => a.localeCompare(b))) {
    try {
      payloads.push(...parsePayloads(name, await readFile(join(directory, name), 'utf8')));
    } catch (error) {
      if (!(error instanceof BadPayloadError)) throw error;
      unreadable.push({ source: name, reason: error.message });
    }
  }
  return { payloads, unreadable };
}

export function parsePayloads(source: string, text: string): RecordedPayload[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new BadPayloadError(`${source}: ${(error as Error).message}`);
  }
  if (!Array.isArray(content)) return [toPayload(source, content)];
  return content.map((item: unknown, index) => toPayload(`${source}[${index}]`, item));
}

function toPayload(source: string, value: unknown): RecordedPayload {
  if (!isRecord(value) || typeof value['kind'] !== 'string' || !isRecord(value['params'])) {
    throw new BadPayloadError(`${source}: expected { "kind": text, "params": { name: text, … } }`);
  }
  const params: Record<string, string> = {};
  for (const [name, param] of Object.entries(value['params'])) {
    if (typeof param !== 'string')
      throw new BadPayloadError(`${source}: the value of ${name} is no text`);
    params[name] = param;
  }
  return {
    source,
    kind: value['kind'],
    params,
    partial: value['partial'] === true,
    http: isRecord(value['http']) ? value['http'] : {},
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
