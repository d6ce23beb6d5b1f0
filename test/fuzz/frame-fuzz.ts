import { once } from 'node:events';
import * as fc from 'fast-check';
import { WebSocket } from 'ws';
import { CLOSE_CODES, ERROR_CODES, REQUESTS } from '../../src/protocol/messages.ts';
import { ORIGIN, type Rig } from './rig.ts';
import type { Fuzz } from './fuzz.ts';

const METHODS = [...Object.keys(REQUESTS), 'agent.fly', '__proto__', 'constructor', ''];
const CALL_ID = 'c'.repeat(22);

const oddJson = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(null, -1, 1e308, 2 ** 53, '', 'x'.repeat(4001), '\u0000', '\uD800', [], {}, true),
); // prettier-ignore

/** Every parameter that any request has, mostly as it should be. */
const params = fc.oneof(
  fc.constant({}),
  fc.record(
    {
      name: fc.oneof(fc.constant('Grace'), fc.string({ unit: 'binary', maxLength: 80 })),
      passphrase: fc.string(),
      token: fc.string({ maxLength: 250 }),
      lines: fc.oneof(fc.integer({ min: 0, max: 11 }), fc.double()),
      callId: fc.constantFrom(CALL_ID, 'x', `${CALL_ID}\n`),
      disposition: fc.constantFrom('interested', 'callBack', 'nonsense'),
      notes: fc.string(),
      on: fc.boolean(),
      since: fc.oneof(fc.nat(), fc.double()),
      search: fc.oneof(fc.string(), fc.constantFrom('%', '_', "'", '"', '\\', '*')),
      state: fc.constantFrom(null, 'waiting', 'reserved', 'done', 'gone'),
      offset: fc.integer({ min: -1, max: 300 }),
      limit: fc.integer({ min: 0, max: 201 }),
      digits: fc.string(),
    },
    { requiredKeys: [] },
  ),
  fc.dictionary(fc.oneof(fc.constantFrom('__proto__', 'constructor', 'toString'), fc.string()), oddJson),
  oddJson,
); // prettier-ignore

/** The parameters of one request as they should be, by its name; the store and the actors are reached through these. */
const sound = fc.constantFrom<readonly [string, object]>(
  ['agent.signIn', { name: 'Grace' }],
  ['agent.callLeads', {}],
  ['agent.pause', {}],
  ['agent.hangUp', {}],
  ['agent.setLines', { lines: 3 }],
  ['agent.dispose', { callId: CALL_ID, disposition: 'interested', notes: '' }],
  ['agent.correct', { callId: CALL_ID, disposition: 'interested', notes: '' }],
  ['agent.setAutoNext', { on: true }],
  ['agent.saveNotes', { callId: CALL_ID, notes: 'x' }],
  ['agent.figures', { since: 0 }],
  ['call.details', { callId: CALL_ID }],
  ['leads.page', { search: '%', state: null, offset: 0, limit: 20 }],
  ['leads.page', { search: '', state: 'waiting', offset: 10_000_000, limit: 200 }],
  ['handset.dial', {}],
  ['agent.signOut', {}],
);

const request = fc
  .record(
    {
      jsonrpc: fc.oneof({ weight: 9, arbitrary: fc.constant('2.0') }, { weight: 1, arbitrary: oddJson }),
      id: fc.oneof({ weight: 9, arbitrary: fc.nat(5) }, { weight: 1, arbitrary: oddJson }),
      method: fc.constantFrom(...METHODS),
      params,
    },
    { requiredKeys: ['jsonrpc'] },
  )
  .map((message) => JSON.stringify(message)); // prettier-ignore

interface Drawn {
  text: string;
  isBinary: boolean;
  passesMs: number;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  text: fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .tuple(fc.nat(5), sound)
        .map(([id, [method, given]]) => JSON.stringify({ jsonrpc: '2.0', id, method, params: given })),
    },
    { weight: 8, arbitrary: request },
    { weight: 2, arbitrary: fc.tuple(request, fc.nat(60)).map(([text, at]) => text.slice(0, at)) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    { weight: 1, arbitrary: fc.constantFrom('', '[]', 'null', '0', '"', '{"__proto__":{"odd":1}}', '['.repeat(9000), `"${'x'.repeat(20_000)}"`) },
  ),
  isBinary: fc.integer({ min: 0, max: 60 }).map((dice) => dice === 0),
  passesMs: fc.constantFrom(0, 100, 4000),
}); // prettier-ignore

const CODES: ReadonlySet<number> = new Set([-32_700, -32_600, -32_601, -32_602, ...Object.values(ERROR_CODES)]); // prettier-ignore
/** docs/protocol.md: what a page may be closed for. 1006, the end without a goodbye, is not among it. */
const CLOSES: ReadonlySet<number> = new Set([1003, 1007, 1008, 1009, ...Object.values(CLOSE_CODES)]); // prettier-ignore

interface Reply {
  jsonrpc?: unknown;
  id?: unknown;
  method?: unknown;
  params?: { seq?: unknown };
  result?: unknown;
  error?: { code?: unknown };
}

/** One page of the rig, opened again whenever it was closed. */
class Page {
  readonly socket: WebSocket;
  closedWith: number | null = null;
  answers = 0;
  wrong: string | null = null;
  #seq = 0;
  #wake: () => void = () => {};

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => {
      this.wrong ??= this.#judge(JSON.parse((data as Buffer).toString('utf8')) as Reply);
      this.#wake();
    });
    socket.on('error', () => {});
    socket.on('close', (code) => {
      this.closedWith = code;
      if (!CLOSES.has(code)) this.wrong ??= `closed with ${code}`;
      this.#wake();
    });
  }

  #judge(reply: Reply): string | null {
    const text = JSON.stringify(reply).slice(0, 300);
    if (reply.jsonrpc !== '2.0') return `no JSON-RPC: ${text}`;
    if (reply.method !== undefined) {
      this.#seq += 1;
      return reply.params?.seq === this.#seq ? null : `a gap before ${text}`;
    }
    this.answers += 1;
    const isResult = 'result' in reply;
    if (isResult === 'error' in reply) return `neither a result nor an error: ${text}`;
    if (isResult) return null;
    return CODES.has(Number(reply.error?.code)) ? null : `an error of ours: ${text}`;
  }

  /** Until the next answer, or the end. */
  async settle(answers: number): Promise<void> {
    while (this.closedWith === null && this.wrong === null && this.answers < answers) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

const pages = new WeakMap<Rig, Page>();

async function pageOf(rig: Rig): Promise<Page> {
  const open = pages.get(rig);
  if (open && open.closedWith === null && open.socket.readyState === open.socket.OPEN) return open;
  const socket = new WebSocket(`${await rig.url()}/agent`, { origin: ORIGIN });
  const page = new Page(socket);
  pages.set(rig, page);
  await once(socket, 'open');
  return page;
}

/** Messages of pages, sound and odd: each is answered once, or the page is closed for a reason that has a name. */
export const frameFuzz: Fuzz<Drawn> = {
  name: 'frames',
  arbitrary: drawn,
  async run(rig, { text, isBinary, passesMs }) {
    if (passesMs > 0) await rig.clock.advance(passesMs);
    const page = await pageOf(rig);
    const { answers } = page;
    page.socket.send(text, { binary: isBinary });
    await page.settle(answers + 1);
    if (Object.keys(Object.prototype).length > 0) return 'the prototype of everything was changed';
    return page.wrong;
  },
};
