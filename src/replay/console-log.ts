import { readAccessLine, unchunked, type AccessLine } from './access-line.ts';
import { readLiteral } from './literal.ts';
import type {
  Form,
  RecordedEntry,
  RecordedRequest,
  RecordedSaying,
  UnrecognisedLine,
} from './recording.ts';

interface Body {
  kind: 'body';
  line: number;
  form: Form;
  access: Access | null;
  printedAt: number | null;
}
interface Access {
  kind: 'access';
  line: number;
  access: AccessLine;
  isTaken: boolean;
}
interface Saying {
  kind: 'saying';
  line: number;
  printedAt: number | null;
  said: RecordedSaying['said'];
}
type Item = Body | Access | Saying;

/** Lines of one source that may yet become an object. */
interface OpenObject {
  line: number;
  text: string;
  lines: number;
}

export interface ConsoleLog {
  entries: RecordedEntry[];
  unrecognised: UnrecognisedLine[];
}

const ANSI = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*[A-Za-z]`, 'g');
const TIMESTAMP = /^\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d))\]? /;
/** `app-core    | `, `app-core_1  | ` */
const SOURCE = /^\s*([\w.-]+)\s*\|(?: (.*)|)$/;
/** Words, then a brace that begins an object: `call status event {`, `{ Called: '…',` */
const OBJECT_START = /^[\w\s:,.-]*?(?:\[[A-Za-z: ]+\] )?(\{.*)$/;
const PROPERTY = /^\s*(?:'[^']*'|"[^"]*"|[\w$.-]+)\s*:/;
const TWILIO_KEYS = ['CallSid', 'AccountSid', 'CallStatus', 'QueueSid', 'DequeingCallSid'];
/** What is left of an access line that the reader could not read, but which speaks of Twilio. */
const TWILIO_TRACE =
  /TwilioProxy|"(?:POST|GET) \/twilio|(?:Call|Account|Queue)Sid['"]?\s*[:=]\s*['"]?(?:CA|AC|QU)[0-9a-f]{6}/i;
/** An object of more lines than this is no form. */
const OBJECT_LINES_MAX = 200;
/** How far before the body its access line may stand, in lines: two processes share the terminal. */
const ACCESS_BEFORE_BODY_LINES = 60;
/** A call is placed some seconds before it is answered; the console does not say when. */
const DIALED_BEFORE_MS = 5000;

/** Reads what a terminal printed: objects, access lines of a proxy, the application's own words, prose in between. */
export function readConsoleLog(text: string): ConsoleLog {
  const reader = new ConsoleReader();
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  for (const [index, line] of lines.entries()) reader.read(line, index + 1);
  reader.finish();
  pair(reader.items);
  return { entries: inTime(reader.items), unrecognised: reader.unrecognised };
}

class ConsoleReader {
  readonly items: Item[] = [];
  readonly unrecognised: UnrecognisedLine[] = [];
  readonly #open = new Map<string, OpenObject>();
  /** When the latest line was printed, where lines tell it. */
  #printedAt: number | null = null;

  read(raw: string, line: number): void {
    const printed = raw.replaceAll(ANSI, '');
    const [, source = '', rest] = SOURCE.exec(printed) ?? [];
    const text = this.#withoutTime(source === '' ? printed : (rest ?? ''));
    const access = readAccessLine(text);
    if (access) {
      if (isTwilios(access)) this.items.push({ kind: 'access', line, access, isTaken: false });
      return;
    }
    if (!this.#continue(source, text, line)) this.#begin(source, text, line);
  }

  finish(): void {
    for (const open of this.#open.values()) this.#giveUp(open);
    this.unrecognised.sort((a, b) => a.line - b.line);
  }

  /** What `docker logs -t` and many loggers put before each line. */
  #withoutTime(text: string): string {
    const [found, time] = TIMESTAMP.exec(text) ?? [];
    if (found === undefined) return text;
    this.#printedAt = Date.parse(time ?? '');
    return text.slice(found.length);
  }

  /** Adds the line to the object that this source is printing, if it is printing one. */
  #continue(source: string, text: string, line: number): boolean {
    const open = this.#open.get(source);
    if (!open) return false;
    if (open.lines === 1 && !PROPERTY.test(text) && /\{\s*$/.test(open.text)) {
      this.#open.delete(source); // A brace of prose or code.
      return false;
    }
    open.text += `\n${text}`;
    open.lines += 1;
    if (/[}\]]\s*$/.test(text)) this.#tryToClose(source, open);
    else if (open.lines > OBJECT_LINES_MAX || this.#isNewObject(open, text)) {
      this.#open.delete(source);
      this.#giveUp(open);
      return this.#isNewObject(open, text) ? (this.#begin(source, text, line), true) : true;
    }
    return true;
  }

  /** The object before was cut off, and the next one begins. */
  #isNewObject(open: OpenObject, text: string): boolean {
    return /^(?:call status event )?\{/.test(text) && TWILIO_TRACE.test(open.text);
  }

  #begin(source: string, text: string, line: number): void {
    const start = OBJECT_START.exec(text)?.[1];
    if (start !== undefined && (/^\{\s*$/.test(start) || PROPERTY.test(start.slice(1)))) {
      const open = { line, text: start, lines: 1 };
      this.#open.set(source, open);
      if (/\}\s*$/.test(start)) this.#tryToClose(source, open);
      return;
    }
    const said = readSaying(text.trim());
    if (said) this.items.push({ kind: 'saying', line, printedAt: this.#printedAt, said });
    else if (TWILIO_TRACE.test(text)) this.unrecognised.push({ line, text: text.trim() });
  }

  #tryToClose(source: string, open: OpenObject): void {
    const result = readLiteral(open.text);
    if (result.kind === 'incomplete') return;
    this.#open.delete(source);
    const form = result.kind === 'value' ? formOf(result.value) : null;
    if (!form) return this.#giveUp(open);
    if (looksTwilio(form)) {
      const { line } = open;
      this.items.push({ kind: 'body', line, form, access: null, printedAt: this.#printedAt });
    }
  }

  #giveUp(open: OpenObject): void {
    if (!TWILIO_TRACE.test(open.text)) return;
    const first = open.text.split('\n', 2).join(' ').trim();
    this.unrecognised.push({
      line: open.line,
      text: `${first} … (${open.lines} lines, not closed)`,
    });
  }
}

const isTwilios = (access: AccessLine): boolean =>
  access.path.includes('twilio') || /twilio/i.test(access.userAgent ?? '');

const looksTwilio = (form: Form): boolean => TWILIO_KEYS.some((key) => key in form);

/** Everything in a form is a string; what was printed deeper is kept as JSON. */
export function formOf(value: unknown): Form | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      typeof field === 'string' ? field : field === null ? '' : JSON.stringify(field),
    ]),
  );
}

/** What the application of 2019 printed about its own doings. */
function readSaying(text: string): RecordedSaying['said'] | null {
  if (text === 'initiating twilio call') return { what: 'dialing' };
  if (text === 'creating twilio call') return { what: 'creating' };
  if (/^hanging up\b/i.test(text)) return { what: 'hangingUp' };
  const connected = /^on party connection(?: (.+))?$/.exec(text);
  if (connected) return { what: 'partyConnected', of: connected[1] ?? null };
  const created = /^(\S{4,64}) (CA[0-9a-f]{32})$/.exec(text);
  if (created) return { what: 'created', client: created[1] ?? '', callSid: created[2] ?? '' };
  return null;
}

/** Ties each body to the access line of its reply: the next free one to a fitting path, else one just before. */
function pair(items: readonly Item[]): void {
  const waiting: Body[] = [];
  for (const item of items) {
    if (item.kind === 'body') waiting.push(item);
    if (item.kind !== 'access') continue;
    const index = waiting.findIndex((body) => fits(body.form, item.access.path));
    const body = waiting[index];
    if (!body) continue;
    waiting.splice(index, 1);
    body.access = item;
    item.isTaken = true;
  }
  const accesses = items.filter((item) => item.kind === 'access');
  for (const body of waiting) {
    const before = accesses.findLast(
      (access) =>
        !access.isTaken &&
        access.line < body.line &&
        body.line - access.line <= ACCESS_BEFORE_BODY_LINES &&
        fits(body.form, access.access.path),
    );
    if (!before) continue;
    body.access = before;
    before.isTaken = true;
  }
}

/** Whether a request with these fields may have gone to this path of 2019. */
function fits(form: Form, path: string): boolean {
  const ofQueue = 'QueueResult' in form || 'DequeingCallSid' in form || 'CallbackSource' in form;
  const ofDial = 'DialCallStatus' in form || 'DequeueResult' in form;
  if (/\/consume\b/.test(path)) return form['Direction'] === 'inbound' && !ofQueue && !ofDial;
  if (/\/stop-consuming\b/.test(path)) return form['Direction'] === 'inbound' && !ofQueue;
  if (/\/enqueue\b/.test(path)) return form['Direction'] !== 'inbound' && !ofQueue;
  return ofQueue || !/\/(?:consume|stop-consuming|enqueue)\b/.test(path);
}

/** Requests and sayings in the order of the file, with times: their own, or those of their neighbours. */
function inTime(items: readonly Item[]): RecordedEntry[] {
  const kept = items.filter((item) => item.kind !== 'access' || !item.isTaken);
  const known = kept.map(timeOf);
  const entries: RecordedEntry[] = [];
  let latest = known.find((at) => at !== null) ?? 0;
  for (const [index, item] of kept.entries()) {
    const own = known[index] ?? null;
    if (own === null && item.kind === 'saying' && /^creat|^dial/.test(item.said.what)) {
      const next = known.slice(index).find((at) => at !== null);
      latest = Math.max(latest, (next ?? latest) - DIALED_BEFORE_MS);
    }
    latest = Math.max(latest, own ?? latest);
    entries.push(entryOf(item, latest));
  }
  return entries;
}

function timeOf(item: Item): number | null {
  if (item.kind === 'access') return item.access.at;
  if (item.printedAt !== null) return item.printedAt;
  if (item.kind === 'saying') return null;
  if (item.access) return item.access.access.at;
  const stamp = Date.parse(item.form['Timestamp'] ?? '');
  return Number.isNaN(stamp) ? null : stamp;
}

function entryOf(item: Item, at: number): RecordedEntry {
  if (item.kind === 'saying') return { kind: 'said', line: item.line, at, said: item.said };
  const access = item.kind === 'access' ? item.access : (item.access?.access ?? null);
  const form = item.kind === 'body' ? item.form : queryForm(item.access.query);
  return { ...requestOf(access, form), line: item.line, at };
}

function requestOf(
  access: AccessLine | null,
  form: Form | null,
): Omit<RecordedRequest, 'line' | 'at'> {
  return {
    kind: 'request',
    method: access?.method ?? 'POST',
    path: access?.path ?? '',
    form,
    referer: access?.referer ?? null,
    token: null,
    answered: access && {
      status: access.status,
      bytes: access.bytes,
      bodyBytes: access.bytes === null ? null : unchunked(access.bytes),
      body: null,
      tookMs: null,
    },
  };
}

/** Twilio's parameters of a GET; null where there are none. */
export function queryForm(query: string): Form | null {
  const form = Object.fromEntries(new URLSearchParams(query));
  return looksTwilio(form) ? form : null;
}
