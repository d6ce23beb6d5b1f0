/** One line of the network's equivalent of Twilio's debugger. */
export interface DebuggerEntry {
  readonly id: number;
  readonly at: number;
  readonly level: 'warning' | 'error';
  readonly code: number;
  readonly message: string;
  readonly callSid: string | null;
  readonly url: string | null;
}

const ENTRIES_MAX = 10_000;

/** Codes Twilio files as warnings: the call goes on. */
const WARNINGS = new Set([11_770, 12_200, 13_520, 14_207, 15_003, 21_262]);

/** Warnings and errors that no REST answer carries, newest last. */
export class DebuggerLog {
  readonly entries: DebuggerEntry[] = [];
  readonly #now: () => number;
  readonly #onEntry: (entry: DebuggerEntry) => void;
  #count = 0;

  constructor(now: () => number, onEntry: (entry: DebuggerEntry) => void) {
    this.#now = now;
    this.#onEntry = onEntry;
  }

  write(
    code: number,
    message: string,
    about: { callSid?: string | null; url?: string | null } = {},
  ): void {
    const level =
      WARNINGS.has(code) || (code >= 13_000 && code < 13_700 && code !== 13_201)
        ? 'warning'
        : 'error';
    const entry: DebuggerEntry = {
      id: ++this.#count,
      at: this.#now(),
      level,
      code,
      message,
      callSid: about.callSid ?? null,
      url: about.url ?? null,
    };
    this.entries.push(entry);
    if (this.entries.length > ENTRIES_MAX) this.entries.shift();
    this.#onEntry(entry);
  }

  codes(callSid?: string): number[] {
    return this.entries
      .filter((entry) => callSid === undefined || entry.callSid === callSid)
      .map((entry) => entry.code);
  }
}
