import { AutoConnectError } from '../domain/errors.ts';

export const FORMATS = ['console', 'recording', 'traffic', 'har', 'twilio'] as const;
/**
 * `console`: what a terminal printed. `recording`: our own NDJSON. `traffic`: NDJSON of an HTTP proxy, or the simulated
 * network's request log. `har`: HTTP archive. `twilio`: call events and request-inspector JSON.
 */
export type RecordingFormat = (typeof FORMATS)[number];

/** A form as it came: names and values are strings. */
export type Form = Readonly<Record<string, string>>;

/** What the application of then answered. */
export interface RecordedAnswer {
  status: number;
  /** As the proxy counted them, chunk framing included; null where nobody counted. */
  bytes: number | null;
  /** Length of the document itself, where it is known. */
  bodyBytes: number | null;
  body: string | null;
  tookMs: number | null;
}

/** One request that looks like Twilio's. */
export interface RecordedRequest {
  kind: 'request';
  /** Where it stands in the file, from 1. */
  line: number;
  /** Milliseconds since 1970; of a log with whole seconds, their beginning. */
  at: number;
  method: string;
  /** Without host and query. Empty where only the body was logged. */
  path: string;
  /** Null where the body was not logged. */
  form: Form | null;
  referer: string | null;
  /** Twilio's idempotency token: the same again means the same request again. */
  token: string | null;
  answered: RecordedAnswer | null;
}

/** A line of the application's own that tells what it did. */
export interface RecordedSaying {
  kind: 'said';
  line: number;
  at: number;
  said:
    | { what: 'dialing' }
    | { what: 'creating' }
    | { what: 'created'; client: string; callSid: string }
    /** The page was told "answered"; `undefined` is what the callback got as its call. */
    | { what: 'partyConnected'; of: string | null }
    | { what: 'hangingUp' };
}

/** What our own recordings know beyond the requests. */
export type RecordedFact =
  | {
      kind: 'signIn';
      line: number;
      at: number;
      session: string;
      agent: string;
      lines: number;
      code: string | null;
    }
  /** The session's code was replaced by another. */
  | { kind: 'code'; line: number; at: number; session: string; code: string }
  | {
      kind: 'command';
      line: number;
      at: number;
      session: string;
      command: Readonly<Record<string, unknown>> & { type: string };
    }
  | { kind: 'page'; line: number; at: number; session: string; attached: boolean }
  /** The server was killed and started again, on the same journal. */
  | { kind: 'restart'; line: number; at: number }
  /** What the list gave. `asked`: for how many it was asked; then this is the answer to that question, and came now. */
  | {
      kind: 'reserved';
      line: number;
      at: number;
      session: string;
      asked: number | null;
      calls: readonly { call: string; lead: string; to: string }[];
    }
  /** The list had leads to call again. */
  | { kind: 'leadsAdded'; line: number; at: number }
  /** A line was free, and this call was placed on it. */
  | { kind: 'line'; line: number; at: number; call: string }
  /** The agent called these leads, by whatever clicks that took. */
  | {
      kind: 'dial';
      line: number;
      at: number;
      session: string;
      calls: readonly { call: string; lead: string; to: string }[];
    }
  /** The reply of a REST request: `create` and `find` name our call, the others Twilio's. */
  | {
      kind: 'rest';
      line: number;
      at: number;
      asked: 'create' | 'end' | 'inspect' | 'find' | 'dismiss';
      call: string | null;
      callSid: string | null;
      result: 'placed' | 'found' | 'absent' | 'refused' | 'lost';
      status: string | null;
      code: number | null;
    };

export type RecordedEntry = RecordedRequest | RecordedSaying | RecordedFact;

export interface UnrecognisedLine {
  line: number;
  text: string;
}

/** What a recording says about the server that answered. */
export interface RecordingSettings {
  accountSid: string | null;
  /** No slash at the end. */
  publicBaseUrl: string | null;
  lines: number | null;
  callsPerSecond: number | null;
  ringAtLeastMs: number | null;
  /** Other limits of a session, by their names in `DialerSettings`; null: those of a configured server. */
  limits: Readonly<Record<string, number>> | null;
}

export interface Recording {
  file: string;
  format: RecordingFormat;
  settings: RecordingSettings;
  entries: RecordedEntry[];
  unrecognised: UnrecognisedLine[];
  /** False for a raw log whose numbers were replaced while it was read: nothing of it may be written down as it is. */
  isAnonymous: boolean;
}

export const NO_SETTINGS: RecordingSettings = {
  accountSid: null,
  publicBaseUrl: null,
  lines: null,
  callsPerSecond: null,
  ringAtLeastMs: null,
  limits: null,
};

/** A file that cannot be read as a recording. Exit code 3: bad input file. */
export class RecordingError extends AutoConnectError {
  readonly code = 'RECORDING';
  readonly exitCode = 3;

  constructor(file: string, line: number, reason: string) {
    super(`${file}:${line}: ${reason}`);
  }
}
