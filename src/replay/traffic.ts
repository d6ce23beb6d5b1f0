import { readAccessLine } from './access-line.ts';
import { formOf } from './console-log.ts';
import type { Form, RecordedEntry, RecordedRequest, UnrecognisedLine } from './recording.ts';

export interface Traffic {
  entries: RecordedEntry[];
  unrecognised: UnrecognisedLine[];
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What speaks of Twilio, in whatever notation. */
const TWILIO = /twilio|"?CallSid"?\s*[:=]/i;

/** NDJSON of a proxy, one exchange a line; also one JSON array of them, as the simulated network's request log is. */
export function readTraffic(text: string): Traffic {
  const traffic: Traffic = { entries: [], unrecognised: [] };
  const whole = parse(text);
  if (Array.isArray(whole)) {
    for (const [index, value] of whole.entries())
      read(value, index + 1, JSON.stringify(value), traffic);
    return inOrder(traffic);
  }
  for (const [index, content] of text.split(/\r?\n/).entries()) {
    if (content.trim() !== '') read(parse(content), index + 1, content, traffic);
  }
  return inOrder(traffic);
}

function read(value: unknown, line: number, content: string, traffic: Traffic): void {
  const request = isFields(value) ? exchangeOf(value, line) : null;
  if (request && isTwilios(request)) traffic.entries.push(request);
  else if (TWILIO.test(content)) traffic.unrecognised.push({ line, text: content.slice(0, 200) });
}

/** An HTTP archive: `log.entries[]` with request and response (w3c.github.io/web-performance/specs/HAR). */
export function readHar(text: string): Traffic | null {
  const root = parse(text);
  const log = isFields(root) ? root['log'] : null;
  const list = isFields(log) ? log['entries'] : null;
  if (!Array.isArray(list)) return null;
  const traffic: Traffic = { entries: [], unrecognised: [] };
  const places = linesOf(text, '"startedDateTime"');
  for (const [index, value] of list.entries()) {
    read(value, places[index] ?? 1, JSON.stringify(value), traffic);
  }
  return inOrder(traffic);
}

/** Lines on which a word stands, so that an entry of an archive can be found again. */
function linesOf(text: string, word: string): number[] {
  return text.split('\n').flatMap((content, index) =>
    content
      .split(word)
      .slice(1)
      .map(() => index + 1),
  );
}

/** By time, and within one millisecond as they stand in the file; a list with the newest first is turned round before. */
export function inOrder(traffic: Traffic): Traffic {
  const { entries } = traffic;
  if ((entries[0]?.at ?? 0) > (entries.at(-1)?.at ?? 0)) entries.reverse();
  entries.sort((a, b) => a.at - b.at);
  return traffic;
}

/** One exchange, by whichever of the usual names its parts have. */
function exchangeOf(value: Fields, line: number): RecordedRequest | null {
  const request = isFields(value['request']) ? value['request'] : value;
  const target =
    textOf(request, 'url', 'uri', 'path', 'request_uri', 'target') ?? textOf(value, 'request');
  const at = timeOf(value) ?? timeOf(request);
  const method = textOf(request, 'method', 'verb', 'request_method') ?? 'POST';
  if (target === null || at === null) return null;
  const [path = '', query = ''] = target.replace(/^https?:\/\/[^/]+/, '').split('?', 2);
  const headers = headersOf(request['headers'] ?? request['requestHeaders']);
  const form = formIn(request) ?? formOfQuery(query);
  return {
    kind: 'request',
    line,
    at,
    method,
    path,
    form,
    referer: headers.get('referer') ?? textOf(request, 'referer', 'http_referer'),
    token: headers.get('i-twilio-idempotency-token') ?? null,
    answered: answerOf(value),
  };
}

/** A `CallSid`, a path of ours, or Twilio's own user agent would do; the first two are always there. */
const isTwilios = ({ path, form }: RecordedRequest): boolean =>
  form?.['CallSid'] !== undefined || path.includes('twilio');

function formIn(request: Fields): Form | null {
  const postData = request['postData'];
  if (isFields(postData)) {
    const params = postData['params'];
    if (Array.isArray(params) && params.length > 0) return pairsOf(params);
    return formOfText(textOf(postData, 'text'));
  }
  const body =
    request['params'] ??
    request['parameters'] ??
    request['form'] ??
    request['body'] ??
    request['request_body'];
  if (isFields(body)) return formOf(body);
  return typeof body === 'string' ? formOfText(body) : null;
}

function pairsOf(params: readonly unknown[]): Form {
  return Object.fromEntries(
    params.filter(isFields).map((pair) => [decoded(pair['name']), decoded(pair['value'])]),
  );
}

/** Archives hold form parameters percent-encoded or not, depending on who wrote them. */
function decoded(value: unknown): string {
  const text = typeof value === 'string' ? value : '';
  if (!/%[0-9a-f]{2}/i.test(text)) return text;
  return [...new URLSearchParams(`v=${text}`).values()][0] ?? text;
}

function formOfText(text: string | null): Form | null {
  if (text === null || text === '') return null;
  const json = text.startsWith('{') ? parse(text) : null;
  return isFields(json) ? formOf(json) : formOfQuery(text);
}

function formOfQuery(text: string): Form | null {
  const form = Object.fromEntries(new URLSearchParams(text));
  return 'CallSid' in form || 'AccountSid' in form ? form : null;
}

function headersOf(headers: unknown): Map<string, string> {
  const pairs: [string, unknown][] = Array.isArray(headers)
    ? headers.filter(isFields).map((header) => [String(header['name']), header['value']])
    : Object.entries(isFields(headers) ? headers : {});
  return new Map(pairs.map(([name, value]) => [name.toLowerCase(), String(value)]));
}

function answerOf(value: Fields): RecordedRequest['answered'] {
  const response = isFields(value['response']) ? value['response'] : value;
  const status = numberOf(
    response,
    'status',
    'statusCode',
    'responseStatus',
    'response_status',
    'code',
  );
  if (status === null || status === 0) return null;
  const content = isFields(response['content']) ? response['content'] : response;
  const isReply = response !== value;
  const body =
    textOf(value, 'responseBody', 'response_body') ??
    (isReply ? textOf(content, 'text', 'body') : null);
  const document = body !== null && content['encoding'] === 'base64' ? fromBase64(body) : body;
  const size = numberOf(
    content,
    'size',
    'responseBodyLength',
    'bytes',
    'body_bytes_sent',
    'length',
  );
  return {
    status,
    bytes: size,
    bodyBytes: document === null ? size : Buffer.byteLength(document),
    body: document,
    tookMs: numberOf(value, 'time', 'tookMs', 'duration_ms'),
  };
}

const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString('utf8');

function textOf(fields: Fields, ...names: string[]): string | null {
  for (const name of names) {
    const value = fields[name];
    if (typeof value === 'string') return value;
  }
  return null;
}

function numberOf(fields: Fields, ...names: string[]): number | null {
  for (const name of names) {
    const value = fields[name];
    if (typeof value === 'number' && value >= 0) return value;
    if (typeof value === 'string' && /^\d+(?:\.\d+)?$/.test(value)) return Number(value);
  }
  return null;
}

/** ISO 8601, RFC 2822, an access log's form, or seconds or milliseconds since 1970. */
function timeOf(fields: Fields): number | null {
  for (const name of ['startedDateTime', 'at', 'timestamp', 'time', 'ts', 'date', 'date_created']) {
    const value = fields[name];
    if (typeof value === 'number' && value > 1e9) return value > 1e11 ? value : value * 1000;
    if (typeof value !== 'string') continue;
    const at = Date.parse(value);
    if (!Number.isNaN(at)) return at;
    const logged = readAccessLine(`[${value}] "GET / HTTP/1.1" 200 0`);
    if (logged) return logged.at;
  }
  return null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The caller lists what it cannot use, with its line.
    return null;
  }
}
