import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeOwnFormat } from '../../../src/replay/own-format.ts';
import {
  NO_SETTINGS,
  type RecordedEntry,
  type RecordedFact,
} from '../../../src/replay/recording.ts';
import { callIdOf, sessionIdOf } from '../../../src/replay/script.ts';
import { rfc2822 } from '../../../src/simulator/dates.ts';
import type { PersonScript } from '../../../src/simulator/person.ts';
import type { RequestRecord } from '../../../src/simulator/webhooks.ts';
import type { Notification } from '../../../src/protocol/messages.ts';
import type { AgentClient } from '../../support/agent-client.ts';
import { startProduct, type Product } from '../../support/product.ts';

const FOLDER = 'test/recordings';
const PUBLIC_BASE_URL = 'https://dialer.example.com';
/** A Monday afternoon; recordings keep their intervals, not their dates. */
const STARTS_AT = Date.UTC(2030, 0, 7, 15, 0, 0);
const CALLS_PER_SECOND = 100;
/** How long nothing may happen until a scene counts as over, in milliseconds. */
const QUIET_MS = 300;
const GONE_WITHIN_MS = 40_000;

type Overrides = Parameters<typeof startProduct>[1];
type Command = Extract<RecordedFact, { kind: 'command' }>['command'];

/** Plays a scene on the real server and the simulated network, and writes down what a recording tells about it. */
export class Recorder {
  readonly product: Product;
  readonly #facts: RecordedFact[] = [];
  readonly #agents: AgentClient[] = [];

  private constructor(product: Product) {
    this.product = product;
  }

  static async start(people: PersonScript[], overrides: Overrides = {}): Promise<Recorder> {
    const env = { LINES: String(Math.max(1, people.length)), ...overrides.env };
    return new Recorder(await startProduct(people, { ...overrides, env }));
  }

  async signIn(name: string): Promise<AgentClient> {
    const agent = await this.product.signIn(name);
    this.#agents.push(agent);
    return agent;
  }

  /** Orders by the page, as the server takes them. */
  async command(agent: AgentClient, command: Command): Promise<void> {
    const { type, ...params } = command;
    const session = agent.view?.sessionId ?? '';
    this.#facts.push({ kind: 'command', line: 0, at: Date.now(), session, command });
    // The protocol's methods are the commands' names; a scene sends what fits.
    await agent.request(type as 'agent.callLeads', params as object).catch(() => {});
  }

  faults(): Product['network']['network']['faults'] {
    return this.product.network.network.faults;
  }

  /** Waits until no request has been made for a while, then writes the file. */
  async write(name: string, settings: { ringAtLeastMs?: number } = {}): Promise<void> {
    await this.#quiet();
    const requests = (await (
      await fetch(`${this.product.network.url}/control/requests`)
    ).json()) as RequestRecord[];
    const entries = [...this.#signIns(), ...this.#reserved(), ...this.#created(), ...this.#facts];
    const all: RecordedEntry[] = [...entries, ...requests.map(requestEntry)];
    all.sort((a, b) => a.at - b.at || rank(a) - rank(b));
    const text = writeOwnFormat({
      file: name,
      format: 'recording',
      settings: {
        ...NO_SETTINGS,
        accountSid: 'AC00000000000000000000000000000001',
        publicBaseUrl: PUBLIC_BASE_URL,
        lines: null,
        callsPerSecond: CALLS_PER_SECOND,
        ringAtLeastMs: settings.ringAtLeastMs ?? 0,
      },
      entries: all,
      unrecognised: [],
      isAnonymous: true,
    });
    await writeFile(join(FOLDER, `${name}.ndjson`), tidy(text, all[0]?.at ?? 0));
  }

  /** Until a request to such a path has been answered. */
  async answered(path: string): Promise<void> {
    const { requests } = this.product.network.network.exchange.webhooks;
    const isIt = ({ url, responseStatus }: RequestRecord): boolean =>
      url.includes(path) && responseStatus !== null;
    while (!requests.some(isIt)) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** Until every lead's leg is gone and no request has been made for a while. */
  async #quiet(): Promise<void> {
    const { ledger } = this.product.network.network;
    const until = Date.now() + GONE_WITHIN_MS;
    for (let seen = -1; seen !== this.#requestCount() || ledger.liveCalls().some(isLeads);) {
      if (Date.now() > until) throw new Error('a lead is still on the line');
      seen = this.#requestCount();
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    }
  }

  #requestCount(): number {
    return this.product.network.network.exchange.webhooks.count;
  }

  #reports(name: string): Record<string, unknown>[] {
    return this.product.reports.filter((line) => line['report'] === name);
  }

  #signIns(): RecordedFact[] {
    return this.#reports('session.opened').flatMap((line, index): RecordedFact[] => {
      const session = String(line['sessionId']);
      const at = Number(line['time']);
      const codes = this.#codesOf(session);
      const lines = this.#linesOf(session);
      return [
        {
          kind: 'signIn',
          line: 0,
          at,
          session,
          agent: `agent-${index + 1}`,
          lines,
          code: codes[0] ?? null,
        },
        ...codes
          .slice(1)
          .map((code): RecordedFact => ({ kind: 'code', line: 0, at, session, code })),
      ];
    });
  }

  *#viewsOf(session: string): Iterable<Notification<'session.view'>['view']> {
    for (const agent of this.#agents) {
      for (const { view } of agent.noticesOf('session.view'))
        if (view.sessionId === session) yield view;
    }
  }

  #codesOf(session: string): string[] {
    const codes = [...this.#viewsOf(session)].flatMap((view) => view.dialIn.accessCode ?? []);
    return [...new Set(codes)];
  }

  #linesOf(session: string): number {
    for (const view of this.#viewsOf(session)) return view.lines;
    return 1;
  }

  /** In the order in which the pages first showed them. */
  #reserved(): RecordedFact[] {
    const seen = new Set<string>();
    const facts: RecordedFact[] = [];
    for (const agent of this.#agents) {
      for (const { now, view } of agent.noticesOf('session.view')) {
        const shown = [...view.calls, ...view.recent.toReversed()];
        const fresh = shown.filter(({ callId }) => !seen.has(callId));
        for (const { callId } of fresh) seen.add(callId);
        const calls = fresh.map(({ callId, lead }) => ({
          call: callId,
          lead: lead.leadId,
          to: lead.phone,
        }));
        if (calls.length > 0) {
          const { sessionId: session } = view;
          facts.push({ kind: 'reserved', line: 0, at: now, session, asked: null, calls });
        }
      }
    }
    return facts;
  }

  #created(): RecordedFact[] {
    const known = new Set<string>();
    const rest = (line: Record<string, unknown>, result: 'placed' | 'refused'): RecordedFact => {
      known.add(String(line['callId']));
      const code = typeof line['code'] === 'number' ? line['code'] : null;
      const callSid = typeof line['callSid'] === 'string' ? line['callSid'] : null;
      const call = String(line['callId']);
      return {
        kind: 'rest',
        line: 0,
        at: Number(line['time']),
        asked: 'create',
        call,
        callSid,
        result,
        status: null,
        code,
      };
    };
    const facts = [
      ...this.#reports('call.placed').map((line) => rest(line, 'placed')),
      ...this.#reports('call.refused').map((line) => rest(line, 'refused')),
    ];
    for (const { url, placedAt } of this.product.network.network.ledger.calls) {
      const call = /\/enqueue\/([\w-]{22})\//.exec(url ?? '')?.[1];
      if (call === undefined || known.has(call)) continue;
      facts.push({
        kind: 'rest',
        line: 0,
        at: placedAt,
        asked: 'create',
        call,
        callSid: null,
        result: 'lost',
        status: null,
        code: null,
      });
    }
    return facts;
  }
}

function requestEntry(record: RequestRecord): RecordedEntry {
  const url = new URL(record.url);
  return {
    kind: 'request',
    line: 0,
    at: record.at,
    method: record.method,
    path: url.pathname,
    form: record.params,
    referer: record.headers['Referer'] ?? null,
    token: record.headers['I-Twilio-Idempotency-Token'] ?? null,
    answered:
      record.responseStatus === null
        ? null
        : {
            status: record.responseStatus,
            bytes: null,
            bodyBytes: record.responseBodyLength,
            body: record.responseBody,
            tookMs: null,
          },
  };
}

const RANKS = ['signIn', 'code', 'command', 'page', 'reserved', 'request', 'rest'];
const rank = (entry: RecordedEntry): number => RANKS.indexOf(entry.kind);

/** Ids, SIDs, codes and tokens are counted instead of drawn, the clock starts at a fixed time, the host is a name. */
function tidy(text: string, firstAt: number): string {
  const counted = (pattern: RegExp, name: (count: number) => string): void => {
    const names = new Map<string, string>();
    tidied = tidied.replaceAll(pattern, (found) => {
      const known = names.get(found) ?? name(names.size + 1);
      names.set(found, known);
      return known;
    });
  };
  let tidied = text.replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, PUBLIC_BASE_URL);
  for (const prefix of ['CA', 'QU'])
    counted(new RegExp(`${prefix}[0-9a-f]{32}`, 'g'), zeros(prefix));
  counted(
    /(?<="call":")[\w-]{22}(?=")|(?<=\/(?:enqueue|waiting|on-dequeue|call-status-event)\/)[\w-]{22}/g,
    callIdOf,
  );
  counted(
    /(?<="session":")[\w-]{22}(?=")|(?<=\/(?:stop-consuming|bridging)\/|queue-)[\w-]{22}/g,
    sessionIdOf,
  );
  counted(/(?<="callId":")[\w-]{22}(?=")/g, callIdOf);
  counted(/(?<="(?:code|Digits)":")\d{6}(?=")/g, (count) => String(958_600 + count));
  counted(
    /(?<="token":")[^"]+/g,
    (count) => `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`,
  );
  const shift = (at: number): number => at - firstAt + STARTS_AT;
  tidied = tidied.replaceAll(/(?<="at":")[^"]+/g, (at) =>
    new Date(shift(Date.parse(at))).toISOString(),
  );
  return tidied.replaceAll(/(?<="Timestamp":")[^"]+/g, (stamp) =>
    rfc2822(shift(Date.parse(stamp))),
  );
}

const zeros = (prefix: string) => (count: number) => prefix + String(count).padStart(32, '0');
const isLeads = ({ direction }: { direction: string }): boolean => direction === 'outbound-api';
