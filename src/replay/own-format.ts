import { parseCallId, parseSessionId } from '../domain/ids.ts';
import { PhoneNumber } from '../domain/phone-number.ts';
import { unchunked } from './access-line.ts';
import { formOf } from './console-log.ts';
import {
  NO_SETTINGS,
  RecordingError,
  type RecordedAnswer,
  type RecordedEntry,
  type Recording,
  type RecordingSettings,
  type UnrecognisedLine,
} from './recording.ts';

/** Version of the format that this build writes; docs/replay.md describes it. */
export const RECORDING_VERSION = 1;

type Fields = Readonly<Record<string, unknown>>;

/** The first line tells that a file is one of our recordings, and of which version. */
export function isOwnFormat(text: string): boolean {
  return /^\uFEFF?\s*\{\s*"recording"\s*:\s*"auto-connect"/.test(text);
}

/** Reads our own NDJSON. A last line that was cut off is listed; anything else that is wrong is an error. */
export function readOwnFormat(
  file: string,
  text: string,
): Pick<Recording, 'settings' | 'entries' | 'unrecognised'> {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const entries: RecordedEntry[] = [];
  const unrecognised: UnrecognisedLine[] = [];
  let settings: RecordingSettings | null = null;
  for (const [index, content] of lines.entries()) {
    if (content.trim() === '') continue;
    const line = new Line(file, index + 1, content);
    if (line.fields === null) {
      if (index < lines.length - 1) throw line.error('is not a JSON object');
      unrecognised.push({ line: index + 1, text: content });
    } else if (settings === null) settings = readHeader(line);
    else entries.push(readEntry(line));
  }
  return { settings: settings ?? NO_SETTINGS, entries, unrecognised };
}

class Line {
  readonly fields: Fields | null;
  readonly line: number;
  readonly #file: string;

  constructor(file: string, line: number, content: string) {
    this.#file = file;
    this.line = line;
    this.fields = parseObject(content);
  }

  error(reason: string): RecordingError {
    return new RecordingError(this.#file, this.line, reason);
  }

  text(name: string): string {
    const value = this.fields?.[name];
    if (typeof value !== 'string') throw this.error(`"${name}" must be a text`);
    return value;
  }

  textOrNull(name: string): string | null {
    return this.fields?.[name] == null ? null : this.text(name);
  }

  numberOrNull(name: string): number | null {
    const value = this.fields?.[name];
    if (value == null) return null;
    if (typeof value !== 'number') throw this.error(`"${name}" must be a number`);
    return value;
  }

  /** 22 characters, as in our paths. */
  session(): string {
    const session = parseSessionId(this.fields?.['session']);
    if (session === null) throw this.error('"session" must be 22 characters of base64url');
    return session;
  }

  call(): string {
    const call = parseCallId(this.fields?.['call']);
    if (call === null) throw this.error('"call" must be 22 characters of base64url');
    return call;
  }

  /** Leads rung at once. */
  lines(): number {
    const lines = this.numberOrNull('lines') ?? 1;
    if (!Number.isInteger(lines) || lines < 1 || lines > 10) {
      throw this.error('"lines" must be a whole number from 1 to 10');
    }
    return lines;
  }

  at(): number {
    const at = Date.parse(this.text('at'));
    if (Number.isNaN(at)) throw this.error('"at" must be a time like 2030-01-07T15:00:00.000Z');
    return at;
  }
}

function parseObject(content: string): Fields | null {
  try {
    const value: unknown = JSON.parse(content);
    return isFields(value) ? value : null;
  } catch {
    // Told by the caller, with the line.
    return null;
  }
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function readHeader(line: Line): RecordingSettings {
  const version = line.numberOrNull('version');
  if (version !== RECORDING_VERSION) {
    throw line.error(`is of version ${version}; this build reads version ${RECORDING_VERSION}`);
  }
  return {
    accountSid: line.textOrNull('accountSid'),
    publicBaseUrl: line.textOrNull('publicBaseUrl'),
    lines: line.numberOrNull('lines'),
    callsPerSecond: line.numberOrNull('callsPerSecond'),
    ringAtLeastMs: line.numberOrNull('ringAtLeastMs'),
    limits: readLimits(line),
  };
}

const isNumber = (value: unknown): boolean => typeof value === 'number' && value >= 0;

function readLimits(line: Line): RecordingSettings['limits'] {
  const limits = line.fields?.['limits'];
  if (limits == null) return null;
  if (!isFields(limits) || !Object.values(limits).every(isNumber)) {
    throw line.error('"limits" must be an object of numbers');
  }
  return limits as Record<string, number>;
}

function readEntry(line: Line): RecordedEntry {
  const common = { line: line.line, at: line.at() };
  const kind = line.text('kind');
  switch (kind) {
    case 'request':
      return { kind, ...common, ...readRequest(line) };
    case 'signIn': {
      const code = line.textOrNull('code');
      const lines = line.lines();
      return {
        kind,
        ...common,
        session: line.session(),
        agent: line.text('agent'),
        lines,
        code,
      };
    }
    case 'code':
      return { kind, ...common, session: line.session(), code: line.text('code') };
    case 'page':
      return {
        kind,
        ...common,
        session: line.session(),
        attached: line.fields?.['attached'] === true,
      };
    case 'command':
      return { kind, ...common, session: line.session(), command: readCommand(line) };
    case 'dial':
      return { kind, ...common, session: line.session(), calls: readCalls(line) };
    case 'reserved': {
      const asked = line.numberOrNull('asked');
      return { kind, ...common, session: line.session(), asked, calls: readCalls(line) };
    }
    case 'line':
      return { kind, ...common, call: line.call() };
    case 'leadsAdded':
    case 'restart':
      return { kind, ...common };
    case 'rest':
      return { kind, ...common, ...readRest(line) };
    case 'said':
      return { kind, ...common, said: readSaid(line) };
    default:
      throw line.error(`knows no entry of kind "${kind}"`);
  }
}

type Request = Extract<RecordedEntry, { kind: 'request' }>;

function readRequest(line: Line): Omit<Request, 'kind' | 'line' | 'at'> {
  const params = line.fields?.['params'];
  const form = params == null ? null : formOf(params);
  if (params != null && form === null) throw line.error('"params" must be an object');
  return {
    method: line.text('method'),
    path: line.text('path'),
    form,
    referer: line.textOrNull('referer'),
    token: line.textOrNull('token'),
    answered: readAnswer(line),
  };
}

function readAnswer(line: Line): RecordedAnswer | null {
  const answered = line.fields?.['answered'];
  if (answered == null) return null;
  if (!isFields(answered)) throw line.error('"answered" must be an object');
  const { status, body, bytes, tookMs } = answered;
  if (typeof status !== 'number') throw line.error('"answered.status" must be a number');
  const document = typeof body === 'string' ? body : null;
  const counted = typeof bytes === 'number' ? bytes : null;
  return {
    status,
    bytes: counted,
    bodyBytes:
      document === null
        ? counted === null
          ? null
          : unchunked(counted)
        : Buffer.byteLength(document),
    body: document,
    tookMs: typeof tookMs === 'number' ? tookMs : null,
  };
}

function readCommand(line: Line): Extract<RecordedEntry, { kind: 'command' }>['command'] {
  const command = line.fields?.['command'];
  if (!isFields(command) || typeof command['type'] !== 'string') {
    throw line.error('"command" must be an object with a "type"');
  }
  return { ...command, type: command['type'] };
}

function readCalls(line: Line): { call: string; lead: string; to: string }[] {
  const calls = line.fields?.['calls'];
  if (!Array.isArray(calls)) throw line.error('"calls" must be a list');
  return calls.map((value: unknown) => {
    if (!isFields(value)) throw line.error('"calls" must be a list of objects');
    const { call, lead, to } = value;
    const callId = parseCallId(call);
    if (callId === null) throw line.error('"call" must be 22 characters of base64url');
    const phone = PhoneNumber.parse(to);
    if (phone === null) throw line.error('"to" must be E.164, like +12125550100');
    if (typeof lead !== 'string') throw line.error('"lead" must be a text');
    return { call: callId, lead, to: phone.e164 };
  });
}

type Rest = Extract<RecordedEntry, { kind: 'rest' }>;
const ASKED: readonly Rest['asked'][] = ['create', 'end', 'inspect', 'find', 'dismiss'];
const RESULTS: readonly Rest['result'][] = ['placed', 'found', 'absent', 'refused', 'lost'];

function readRest(line: Line): Omit<Rest, 'kind' | 'line' | 'at'> {
  const asked = ASKED.find((name) => name === line.text('asked'));
  const result = RESULTS.find((name) => name === line.text('result'));
  if (!asked) throw line.error(`"asked" must be one of ${ASKED.join(', ')}`);
  if (!result) throw line.error(`"result" must be one of ${RESULTS.join(', ')}`);
  return {
    asked,
    result,
    call: line.textOrNull('call'),
    callSid: line.textOrNull('callSid'),
    status: line.textOrNull('status'),
    code: line.numberOrNull('code'),
  };
}

type Said = Extract<RecordedEntry, { kind: 'said' }>['said'];

function readSaid(line: Line): Said {
  const said = line.fields?.['said'];
  if (!isFields(said)) throw line.error('"said" must be an object');
  const { what, of, client, callSid } = said;
  switch (what) {
    case 'dialing':
    case 'creating':
    case 'hangingUp':
      return { what };
    case 'partyConnected':
      return { what, of: typeof of === 'string' ? of : null };
    case 'created':
      return { what, client: String(client), callSid: String(callSid) };
    default:
      throw line.error(`knows no saying "${String(what)}"`);
  }
}

/** Writes a recording in our own format, whatever it was read from. */
export function writeOwnFormat({ settings, entries }: Recording): string {
  const { limits, ...rest } = settings;
  const head = { recording: 'auto-connect', version: RECORDING_VERSION, ...rest };
  const header = limits === null ? head : { ...head, limits };
  return [header, ...entries.map(entryToJson)].map((line) => `${JSON.stringify(line)}\n`).join('');
}

function entryToJson(entry: RecordedEntry): object {
  const { line: _, at, kind, ...rest } = entry;
  const time = { at: new Date(at).toISOString(), kind };
  if (entry.kind !== 'request') return { ...time, ...rest };
  const { form, answered, ...request } = rest as Omit<Request, 'line' | 'at' | 'kind'>;
  return {
    ...time,
    ...request,
    params: form,
    answered: answered && {
      status: answered.status,
      ...(answered.bytes !== null && { bytes: answered.bytes }),
      ...(answered.body !== null && { body: answered.body }),
      ...(answered.tookMs !== null && { tookMs: answered.tookMs }),
    },
  };
}
