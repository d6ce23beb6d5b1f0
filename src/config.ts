import { isSupportedCountry } from 'libphonenumber-js/max';
import { ConfigError } from './domain/errors.ts';
import { PhoneNumber } from './domain/phone-number.ts';

export interface TwilioConfig {
  accountSid: string;
  authToken: string;
  /** Also accepted in signatures while the token is being rotated. */
  secondaryAuthToken: string | null;
  apiKey: { sid: string; secret: string } | null;
  number: PhoneNumber;
  /** No slash at the end. */
  publicBaseUrl: string;
}

export interface Config {
  host: string;
  port: number;
  logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug';
  /** Null: no credentials were given, the simulated telephone network is used. */
  twilio: TwilioConfig | null;
  /** What agents say to be let in; null where nobody is asked. */
  passphrase: string | null;
  /** Origins of pages that may open a socket, besides the server’s own. */
  pageOrigins: string[];
  lines: number;
  callsPerSecond: number;
  /** 0: phones that still ring when somebody has answered are ended at once. */
  ringAtLeastSeconds: number;
  ringSeconds: number;
  talkLimitSeconds: number;
  /** How long a call whose create reply was lost is looked for at Twilio before it counts as never placed. */
  lookUpSeconds: number;
  /** Asked of who reads /metrics; null: only this machine may. */
  metricsToken: string | null;
  company: { name: string; phone: PhoneNumber };
  /** Country of the numbers in a lead file that name none, as ISO 3166-1 has it. */
  defaultCountry: string;
  /** Whether a developer's inspector on this machine may follow a session (`/inspect`). */
  isInspected: boolean;
  /** File of the journal and the leads. */
  storePath: string;
  /** `url`: a network that runs already, instead of one of our own. */
  simulator: { seed: number; port: number; url: string | null };
}

type Env = Readonly<Record<string, string | undefined>>;

const SIMULATED_NUMBER = '+13155550100';
const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;
const TWILIO_KEYS = ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_NUMBER', 'PUBLIC_BASE_URL'];
const LOOPBACK = ['127.0.0.1', 'localhost', '::1'];

/** Reads the environment once, with all that is wrong with it in one error. Empty strings count as absent. */
export function readConfig(env: Env): Config {
  const read = new EnvReader(env);
  const twilio = readTwilio(read);
  const host = read.text('HOST') ?? '127.0.0.1';
  const config: Config = {
    host,
    port: read.integer('PORT', 3000, 0, 65_535),
    // On the simulated network somebody reads the terminal; in production a collector does.
    logLevel: read.oneOf('LOG_LEVEL', LOG_LEVELS, twilio ? 'info' : 'warn'),
    twilio,
    passphrase: readPassphrase(read, twilio !== null),
    pageOrigins: readOrigins(read),
    lines: read.integer('LINES', 3, 1, 10),
    callsPerSecond: read.integer('CALLS_PER_SECOND', twilio ? 1 : 5, 1, 1000),
    ringAtLeastSeconds: readRingOut(read),
    // 15 s of ringing is the law's least (16 CFR 310.4(b)(4)(ii)); 600 is Twilio's most.
    ringSeconds: read.integer('RING_SECONDS', 25, 15, 600),
    talkLimitSeconds: read.integer('TALK_LIMIT_SECONDS', 3600, 60, 14_400),
    lookUpSeconds: read.integer('LOOK_UP_SECONDS', 120, 5, 600),
    metricsToken: readMetricsToken(read),
    company: {
      name: read.text('COMPANY_NAME') ?? 'auto-connect',
      phone:
        read.phone('COMPANY_PHONE') ??
        twilio?.number ??
        read.must(PhoneNumber.parse(SIMULATED_NUMBER)),
    },
    defaultCountry: readCountry(read),
    isInspected: readInspect(read, twilio !== null),
    storePath: read.text('STORE') ?? (twilio ? 'auto-connect.db' : 'auto-connect-simulated.db'),
    simulator: {
      seed: read.integer('SIMULATOR_SEED', 1, 0, 2 ** 31 - 1),
      port: read.integer('SIMULATOR_PORT', 0, 0, 65_535),
      url: readSimulatorUrl(read),
    },
  };
  read.finish();
  return config;
}

function readTwilio(read: EnvReader): TwilioConfig | null {
  if ([...TWILIO_KEYS, 'TWILIO_API_KEY'].every((key) => read.text(key) === null)) return null;
  const accountSid = read.matching(
    'TWILIO_ACCOUNT_SID',
    /^AC[0-9a-f]{32}$/,
    '"AC" and 32 hex digits, from the Twilio console',
  );
  const authToken = read.matching(
    'TWILIO_AUTH_TOKEN',
    /^\S{16,}$/,
    'the auth token from the Twilio console; it signs the webhooks, so it is needed beside an API key too',
  );
  const number = read.phone('TWILIO_NUMBER');
  if (!number)
    read.problem('TWILIO_NUMBER', 'expected a number you own at Twilio, like +13155550100');
  const publicBaseUrl = readBaseUrl(read);
  const apiKey = readApiKey(read);
  return {
    accountSid,
    authToken,
    secondaryAuthToken: read.text('TWILIO_AUTH_TOKEN_SECONDARY'),
    apiKey,
    number: number ?? read.must(PhoneNumber.parse(SIMULATED_NUMBER)),
    publicBaseUrl,
  };
}

function readApiKey(read: EnvReader): TwilioConfig['apiKey'] {
  if (read.text('TWILIO_API_KEY') === null && read.text('TWILIO_API_SECRET') === null) return null;
  const sid = read.matching('TWILIO_API_KEY', /^SK[0-9a-f]{32}$/, '"SK" and 32 hex digits');
  const secret = read.matching('TWILIO_API_SECRET', /^\S{8,}$/, 'the secret of TWILIO_API_KEY');
  return { sid, secret };
}

/** Twilio refuses private hosts and underscores (errors 11200, 11205), and signs the URL exactly as given. */
function readBaseUrl(read: EnvReader): string {
  const wanted =
    'the https URL at which Twilio reaches this server, like https://dialer.example.com';
  const text = read.text('PUBLIC_BASE_URL');
  const url = text !== null && URL.canParse(text) ? new URL(text) : null;
  if (!url || url.protocol !== 'https:' || LOOPBACK.includes(url.hostname)) {
    read.problem('PUBLIC_BASE_URL', `expected ${wanted}`);
    return '';
  }
  if (url.hostname.includes('_') || url.search || url.hash || url.username) {
    read.problem('PUBLIC_BASE_URL', 'must have no "_" in the host, no query, fragment or user');
  }
  return text?.replace(/\/+$/, '') ?? '';
}

/** Loopback only: the simulated network has fixed credentials that everybody knows. */
function readSimulatorUrl(read: EnvReader): string | null {
  const text = read.text('SIMULATOR_URL');
  if (text === null) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === 'http:' && LOOPBACK.includes(url.hostname)) return url.origin;
  read.problem('SIMULATOR_URL', 'expected a network on this machine, like http://127.0.0.1:4010');
  return null;
}

/** Real calls cost money: with real credentials the page is never open to everybody. */
function readPassphrase(read: EnvReader, isReal: boolean): string | null {
  const passphrase = read.text('SIGN_IN_PASSPHRASE');
  if (isReal && (passphrase === null || passphrase.length < 8)) {
    read.problem(
      'SIGN_IN_PASSPHRASE',
      'expected at least 8 characters that agents sign in with; without it anybody could place calls on your account',
    );
  }
  return passphrase;
}

/** As long as what a monitoring system keeps in its configuration may well be. */
function readMetricsToken(read: EnvReader): string | null {
  const token = read.text('METRICS_TOKEN');
  if (token !== null && !/^\S{16,}$/.test(token)) {
    read.problem('METRICS_TOKEN', 'expected at least 16 characters without spaces');
  }
  return token;
}

/** An inspector sees every event of a session: for the simulated network only. */
function readInspect(read: EnvReader, isReal: boolean): boolean {
  const isWanted = read.oneOf('INSPECT', ['0', '1'], '0') === '1';
  if (isWanted && isReal) {
    read.problem(
      'INSPECT',
      'not with real calls: unset it, or unset TWILIO_* for the simulated network',
    );
  }
  return isWanted;
}

function readOrigins(read: EnvReader): string[] {
  const origins = (read.text('PAGE_ORIGINS') ?? '').split(',').map((origin) => origin.trim());
  return origins.filter((origin) => {
    if (origin === '') return false;
    const isOrigin = URL.canParse(origin) && new URL(origin).origin === origin;
    if (!isOrigin)
      read.problem(
        'PAGE_ORIGINS',
        'expected origins like https://desk.example.com, separated by commas',
      );
    return isOrigin;
  });
}

function readCountry(read: EnvReader): string {
  const country = read.text('DEFAULT_COUNTRY')?.toUpperCase() ?? 'US';
  if (!isSupportedCountry(country)) {
    read.problem('DEFAULT_COUNTRY', 'expected a country as ISO 3166-1 has it, like US or DE');
  }
  return country;
}

function readRingOut(read: EnvReader): number {
  const seconds = read.integer('RING_AT_LEAST_SECONDS', 0, 0, 60);
  if (seconds > 0 && seconds < 15) {
    read.problem(
      'RING_AT_LEAST_SECONDS',
      'expected 0 (end at once) or 15 to 60 (16 CFR 310.4(b)(4)(ii) wants 15)',
    );
  }
  return seconds;
}

class EnvReader {
  readonly #env: Env;
  readonly #problems: string[] = [];

  constructor(env: Env) {
    this.#env = env;
  }

  text(key: string): string | null {
    const value = this.#env[key]?.trim();
    return value ? value : null;
  }

  integer(key: string, fallback: number, min: number, max: number): number {
    const text = this.text(key);
    if (text === null) return fallback;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    this.problem(key, `expected a whole number from ${min} to ${max}`);
    return fallback;
  }

  oneOf<const Names extends readonly string[]>(
    key: string,
    names: Names,
    fallback: Names[number],
  ): Names[number] {
    const text = this.text(key);
    if (text === null) return fallback;
    const found = names.find((name) => name === text);
    if (found === undefined) this.problem(key, `expected one of ${names.join(', ')}`);
    return found ?? fallback;
  }

  phone(key: string): PhoneNumber | null {
    const text = this.text(key);
    const phone = PhoneNumber.parse(text);
    if (text !== null && !phone)
      this.problem(key, 'expected E.164: a "+" and digits, like +13155550100');
    return phone;
  }

  matching(key: string, pattern: RegExp, wanted: string): string {
    const text = this.text(key);
    if (text !== null && pattern.test(text)) return text;
    this.problem(key, text === null ? `is missing: expected ${wanted}` : `expected ${wanted}`);
    return '';
  }

  must<T>(value: T | null): T {
    if (value === null) throw new Error('a built-in default is ill-formed');
    return value;
  }

  problem(key: string, what: string): void {
    if (!this.#problems.some((line) => line.startsWith(`${key}:`)))
      this.#problems.push(`${key}: ${what}`);
  }

  finish(): void {
    if (this.#problems.length > 0) throw new ConfigError(this.#problems);
  }
}
