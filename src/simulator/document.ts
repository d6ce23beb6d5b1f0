import type { Exchange } from './exchange.ts';
import type { Leg } from './leg.ts';
import { parseTwiml, type TwimlElement } from './twiml.ts';
import { checkDocument } from './twiml-rules.ts';
import { fieldsOf, ofNobody } from './webhook-fields.ts';
import { withoutFragment } from './webhook-wire.ts';
import type { Delivery, Fields, HttpMethod, WebhookKind } from './webhooks.ts';

/** A document ready to run. */
export interface TwimlDocument {
  /** What relative URLs resolve against, and what `Referer` says; null for TwiML given inline by REST. */
  readonly url: string | null;
  readonly method: HttpMethod;
  readonly verbs: readonly TwimlElement[];
}

/** Where to get a document. */
export interface DocumentRequest {
  readonly kind: WebhookKind;
  readonly url: string;
  readonly method: HttpMethod;
  /** Beyond the standard fields. */
  readonly fields: Fields;
  readonly referer: string | null;
  /** The request is made for a room: it names no caller. */
  readonly isOfNobody?: boolean;
}

export type FetchedDocument =
  | { readonly ok: true; readonly document: TwimlDocument }
  | { readonly ok: false; readonly code: number; readonly message: string; readonly url: string };

const BODY_BYTES_MAX = 64 * 1024;
const INLINE_CHARACTERS_MAX = 4000;
const XML_TYPES = new Set(['text/xml', 'application/xml', 'text/html']);

/** Requests a document on behalf of a leg and reads the answer as Twilio would. Never rejects. */
export async function fetchDocument(leg: Leg, request: DocumentRequest): Promise<FetchedDocument> {
  const { exchange } = leg;
  const delivery = await exchange.webhooks.send({
    kind: request.kind,
    url: request.url,
    method: request.method,
    fields: request.isOfNobody
      ? ofNobody(fieldsOf(leg, request.fields), exchange.assumptions.conferenceWait.geography)
      : fieldsOf(leg, request.fields),
    callSid: leg.sid,
    cookies: leg.cookies,
    referer: request.referer,
    numbers: [leg.from, leg.to],
  });
  const read = readDelivery(exchange, delivery, request);
  if (read.ok) logWarnings(leg, read.warnings, request.url);
  else exchange.debuggerLog.write(read.code, read.message, { callSid: leg.sid, url: request.url });
  return read;
}

/** TwiML given inline, by REST. */
export function inlineDocument(leg: Leg, source: string): FetchedDocument {
  const read =
    source.length > INLINE_CHARACTERS_MAX
      ? failure(
          12_100,
          `inline TwiML of ${source.length} characters, ${INLINE_CHARACTERS_MAX} are allowed`,
          '',
        )
      : readTwiml(source, null, 'POST');
  if (read.ok) logWarnings(leg, read.warnings, null);
  else leg.exchange.debuggerLog.write(read.code, read.message, { callSid: leg.sid });
  return read;
}

type Read =
  | { ok: true; document: TwimlDocument; warnings: readonly { code: number; message: string }[] }
  | { ok: false; code: number; message: string; url: string };

function readDelivery(exchange: Exchange, delivery: Delivery, request: DocumentRequest): Read {
  if (!delivery.ok) return failure(delivery.code, delivery.message, request.url);
  const { status, body, contentType } = delivery;
  const { assumptions } = exchange;
  if (status === 204 && assumptions.noContent === 'endOfDocument') return emptyDocument(request);
  if (status < 200 || status > 299) return failure(11_200, `HTTP status ${status}`, request.url);
  if (contentType === null) return failure(11_200, 'the answer has no Content-Type', request.url);
  if (Buffer.byteLength(body) > BODY_BYTES_MAX)
    return failure(11_750, 'the answer is over 64 kB', request.url);
  return readBody(exchange, delivery, contentType, request);
}

function readBody(
  exchange: Exchange,
  delivery: Delivery & { ok: true },
  contentType: string,
  request: DocumentRequest,
): Read {
  const { body } = delivery;
  const type = contentType.split(';', 1)[0]!.trim().toLowerCase();
  if (XML_TYPES.has(type)) {
    if (body.trim() !== '') return readTwiml(body, request.url, request.method);
    if (exchange.assumptions.emptyXml === 'error12100')
      return failure(12_100, 'the document is empty', request.url);
    const warning = { code: 11_770, message: 'the answer is chunked and empty' };
    return { ...emptyDocument(request), warnings: delivery.isChunked ? [warning] : [] };
  }
  if (type.startsWith('audio/')) return thenHangUp('Play', delivery.url, request);
  if (type === 'text/plain') {
    const asTwiml = readTwiml(body, request.url, request.method);
    return asTwiml.ok ? asTwiml : thenHangUp('Say', body, request);
  }
  return failure(12_300, `Content-Type ${type} is not TwiML, text or audio`, request.url);
}

function readTwiml(source: string, url: string | null, method: HttpMethod): Read {
  const parsed = parseTwiml(source);
  if (!parsed.ok) return failure(parsed.code, parsed.message, url ?? '');
  const { verbs, warnings } = checkDocument(parsed.root);
  return {
    ok: true,
    document: { url: url === null ? null : withoutFragment(url), method, verbs },
    warnings,
  };
}

function failure(code: number, message: string, url: string): Read & { ok: false } {
  return { ok: false, code, message, url };
}

function emptyDocument(request: DocumentRequest): Read & { ok: true } {
  return {
    ok: true,
    document: { url: withoutFragment(request.url), method: request.method, verbs: [] },
    warnings: [],
  };
}

function thenHangUp(verb: 'Say' | 'Play', text: string, request: DocumentRequest): Read {
  const verbs = [bareElement(verb, text), bareElement('Hangup', '')];
  return { ok: true, document: { ...emptyDocument(request).document, verbs }, warnings: [] };
}

function bareElement(name: string, text: string): TwimlElement {
  return { name, attributes: {}, children: [], text };
}

function logWarnings(
  leg: Leg,
  warnings: readonly { code: number; message: string }[],
  url: string | null,
): void {
  for (const warning of warnings)
    leg.exchange.debuggerLog.write(warning.code, warning.message, { callSid: leg.sid, url });
}
