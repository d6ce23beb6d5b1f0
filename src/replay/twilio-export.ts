import { formOf } from './console-log.ts';
import type { RecordedRequest } from './recording.ts';
import { inOrder, type Traffic } from './traffic.ts';

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * What Twilio itself keeps of its requests: the list resource `/Calls/{Sid}/Events.json`, and the request inspector's
 * JSON. Both hold a `request` with method, url and parameters, and a `response` with status and body.
 */
export function readTwilioExport(text: string): Traffic | null {
  const root = parse(text);
  const events = eventsOf(root);
  if (events === null) return null;
  const traffic: Traffic = { entries: [], unrecognised: [] };
  for (const [index, event] of events.entries()) {
    const request = isFields(event) ? requestOf(event, index + 1) : null;
    if (request) traffic.entries.push(request);
    else traffic.unrecognised.push({ line: index + 1, text: JSON.stringify(event).slice(0, 200) });
  }
  return inOrder(traffic);
}

function eventsOf(root: unknown): readonly unknown[] | null {
  if (Array.isArray(root))
    return root.some((event) => isFields(event) && isEvent(event)) ? root : null;
  if (!isFields(root)) return null;
  if (Array.isArray(root['events'])) return root['events'];
  return isEvent(root) ? [root] : null;
}

const isEvent = (event: Fields): boolean =>
  isFields(event['request']) && ('parameters' in event['request'] || 'response' in event);

function requestOf(event: Fields, line: number): RecordedRequest | null {
  const { request, response } = event;
  if (!isFields(request) || typeof request['url'] !== 'string') return null;
  const at = timeOf(event, request, isFields(response) ? response : {});
  if (at === null) return null;
  const { url, method, parameters } = request;
  const form = isFields(parameters) ? formOf(withTwilioNames(parameters)) : null;
  return {
    kind: 'request',
    line,
    at,
    method: typeof method === 'string' ? method : 'POST',
    path: url.replace(/^https?:\/\/[^/]+/, '').split('?', 1)[0] ?? '',
    form,
    referer: null,
    token: null,
    answered: isFields(response) ? answerOf(response) : null,
  };
}

/** The list resource writes `call_sid` where the request had `CallSid`; unknown names are left as they are. */
function withTwilioNames(parameters: Fields): Fields {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      /^[a-z]+(?:_[a-z]+)*$/.test(name) && name !== 'msg' ? pascal(name) : name,
      value,
    ]),
  );
}

const pascal = (name: string): string =>
  name
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

function answerOf(response: Fields): RecordedRequest['answered'] {
  const status = Number(response['response_code'] ?? response['status'] ?? response['status_code']);
  if (!Number.isInteger(status) || status < 100) return null;
  const body = response['response_body'] ?? response['body'];
  const document = typeof body === 'string' ? body : null;
  const took = Number(response['request_duration'] ?? response['duration']);
  return {
    status,
    bytes: null,
    bodyBytes: document === null ? null : Buffer.byteLength(document),
    body: document,
    tookMs: Number.isFinite(took) ? took : null,
  };
}

function timeOf(...places: readonly Fields[]): number | null {
  for (const place of places) {
    for (const name of ['date_created', 'timestamp', 'request_start', 'date']) {
      const value = place[name];
      const at =
        typeof value === 'number' ? value : Date.parse(typeof value === 'string' ? value : '');
      if (!Number.isNaN(at)) return at;
    }
  }
  return null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not this format: another reader has its turn.
    return null;
  }
}
