/** How one URL wants to be requested: Twilio's connection overrides, written in the URL's fragment. */
export interface ConnectionOverrides {
  readonly connectTimeoutMs: number;
  readonly readTimeoutMs: number;
  readonly totalTimeoutMs: number;
  readonly retries: number;
  readonly retryOn: ReadonlySet<RetryCause>;
}

export type RetryCause = 'ct' | 'rt' | '4xx' | '5xx' | 'all';

/** Source: Twilio's "Webhooks connection overrides". Nothing related to a call may take longer than 15 s in all. */
const TOTAL_TIMEOUT_MS = 15_000;

const DEFAULT_OVERRIDES: ConnectionOverrides = {
  connectTimeoutMs: 5000,
  readTimeoutMs: TOTAL_TIMEOUT_MS,
  totalTimeoutMs: TOTAL_TIMEOUT_MS,
  retries: 1,
  retryOn: new Set(['ct']),
};

const CAUSES: ReadonlySet<string> = new Set(['ct', 'rt', '4xx', '5xx', 'all']);
const OTHER_KEYS: ReadonlySet<string> = new Set(['e', 'r', 'sni']);

export type ParsedOverrides =
  | { ok: true; overrides: ConnectionOverrides }
  | { ok: false; code: number; message: string };

/** Reads `#rc=2&rp=5xx,ct&ct=2000&rt=…&tt=…`; codes 11240 to 11243 for what Twilio would not accept. */
export function parseOverrides(url: string): ParsedOverrides {
  const hash = url.indexOf('#');
  if (hash === -1 || hash === url.length - 1) return { ok: true, overrides: DEFAULT_OVERRIDES };
  const overrides = { ...DEFAULT_OVERRIDES };
  for (const [key, value] of new URLSearchParams(url.slice(hash + 1))) {
    const problem = apply(overrides, key, value);
    if (problem) return { ok: false, ...problem };
  }
  return { ok: true, overrides };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function apply(
  overrides: Mutable<ConnectionOverrides>,
  key: string,
  value: string,
): { code: number; message: string } | null {
  const refuse = (code: number, allowed: string): { code: number; message: string } => ({
    code,
    message: `connection override ${key}=${value}: ${allowed}`,
  });
  const within = (min: number, max: number): boolean =>
    /^\d+$/.test(value) && +value >= min && +value <= max;
  switch (key) {
    case 'ct':
      if (!within(100, 10_000)) return refuse(11_240, 'connect timeout is 100 to 10000 ms');
      overrides.connectTimeoutMs = +value;
      return null;
    case 'rt':
      if (!within(100, TOTAL_TIMEOUT_MS)) return refuse(11_240, 'read timeout is 100 to 15000 ms');
      overrides.readTimeoutMs = +value;
      return null;
    case 'tt':
      if (!within(100, TOTAL_TIMEOUT_MS)) return refuse(11_240, 'total time is 100 to 15000 ms');
      overrides.totalTimeoutMs = +value;
      return null;
    case 'rc':
      if (!within(0, 5)) return refuse(11_241, 'retry count is 0 to 5');
      overrides.retries = +value;
      return null;
    case 'rp': {
      const causes = value.split(',');
      if (!causes.every((cause) => CAUSES.has(cause)))
        return refuse(11_242, 'retry policy is 4xx, 5xx, ct, rt or all');
      overrides.retryOn = new Set(causes as RetryCause[]);
      return null;
    }
    default:
      return OTHER_KEYS.has(key) ? null : refuse(11_243, 'unknown parameter');
  }
}
