import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { assembleDialer } from '../assembly.ts';
import type { Config } from '../config.ts';
import type { Dialer } from '../dialer/dialer.ts';
import type { Clock, DialerPorts, Notices, Random, Report } from '../dialer/ports.ts';
import { buildApp } from '../http/app.ts';
import { PageHub } from '../http/page-hub.ts';
import { WEBHOOK_ROUTES, WebhookDesk } from '../http/webhooks.ts';
import type { TwimlPlan } from '../domain/twiml-plan.ts';
import type { WebhookKind, WebhookRequest } from '../domain/webhook.ts';
import { TransportError, type TransportRequest } from '../simulator/transport.ts';
import type { TransportResponse } from '../simulator/transport.ts';
import type { VirtualClock } from '../simulator/virtual-clock.ts';
import { WEBHOOK_ROOT } from '../twilio/paths.ts';
import type { RestExchange } from '../twilio/telephony.ts';

export type ServerPorts = Pick<DialerPorts, 'clock' | 'journal' | 'leads'> & { rest: RestExchange };
export type Sabotage = (ports: ServerPorts) => ServerPorts;

/** What a server is given by the world that it lives in, and what outlives it. */
export interface Surroundings {
  config: Config;
  baseUrl: string;
  clock: VirtualClock;
  random: Random;
  journal: DialerPorts['journal'];
  leads: DialerPorts['leads'];
  rest: RestExchange;
  report: Report;
  /** Every notice of the dialer's, before the pages get it. */
  noticed: Notices['publish'];
  /** Told just before a request reaches the dialer; what it returns is called when the dialer has taken its step. */
  asking: (request: WebhookRequest) => () => void;
  /** What was asked, and what the dialer said. */
  answered: (request: WebhookRequest, plan: TwimlPlan) => void;
  /** Other ports in place of these: to plant a bug. */
  sabotage?: Sabotage | undefined;
  /** One webhook in so many goes through Fastify's whole chain; the others straight to the handler behind it. */
  injectEvery: number;
}

const never = new Promise<never>(() => {});

/**
 * The server's process, from start to kill. Everything it holds of the world passes through here, so that a dead
 * one reaches nothing any more: no timer fires, no request leaves, no write lands.
 */
export class ServerLife {
  isAlive = true;
  /** Webhooks that are on their way through Fastify. */
  injecting = 0;
  readonly hub: PageHub;
  readonly dialer: Dialer;
  readonly #desk: WebhookDesk;
  readonly #app: Promise<FastifyInstance>;
  readonly #broken = new Set<() => void>();
  readonly #injectEvery: number;
  #isReady = false;
  #asked = 0;

  constructor(around: Surroundings) {
    this.#injectEvery = around.injectEvery;
    const clock = this.#clock(around.clock);
    this.hub = new PageHub(clock);
    const given: ServerPorts = {
      clock,
      journal: this.#mortal(around.journal, ['flush']),
      leads: this.#mortal(around.leads, Object.keys(around.leads) as (keyof typeof around.leads)[]),
      rest: (request, timeoutMs) => (this.isAlive ? around.rest(request, timeoutMs) : never),
    };
    const { dialer, webhooks, telephonySettings } = assembleDialer(around.config, {
      ...(around.sabotage?.(given) ?? given),
      random: around.random,
      report: (name, details) => {
        if (this.isAlive) around.report(name, details);
      },
      notices: {
        publish: (sessionId, notice) => {
          if (!this.isAlive) return;
          around.noticed(sessionId, notice);
          this.hub.publish(sessionId, notice);
        },
      },
      networkUrl: 'http://network.test',
    });
    telephonySettings.publicBaseUrl = around.baseUrl;
    this.dialer = dialer;
    const overheard = {
      ...webhooks,
      dialer: {
        webhook: async (request: WebhookRequest): Promise<TwimlPlan> => {
          const asked = around.asking(request);
          const answering = dialer.webhook(request);
          asked();
          const plan = await answering;
          around.answered(request, plan);
          return plan;
        },
      },
    };
    this.#desk = new WebhookDesk(overheard);
    this.#app = buildApp({
      logger: pino({ level: 'silent' }),
      webhooks: overheard,
      readiness: () => (this.#isReady ? 'ready' : 'starting'),
    });
  }

  get isReady(): boolean {
    return this.isAlive && this.#isReady;
  }

  /** Resolves in real time: nothing here waits for the virtual clock. */
  async build(): Promise<void> {
    await (await this.#app).ready();
  }

  /** Resolves in virtual time. */
  async recover(): Promise<void> {
    await this.dialer.recover();
    if (this.isAlive) this.#isReady = true;
  }

  /** As `kill -9`: nobody is told, nothing is written. */
  kill(): void {
    this.isAlive = false;
    for (const breakOff of this.#broken) breakOff();
    this.#broken.clear();
    for (const host of this.dialer.sessions) host.stop();
  }

  /** Calls when the process has died; returns how not to. */
  onDeath(breakOff: () => void): () => void {
    this.#broken.add(breakOff);
    return () => void this.#broken.delete(breakOff);
  }

  /** One webhook; broken off when the process dies meanwhile. */
  ask(request: TransportRequest): Promise<TransportResponse> {
    this.#asked += 1;
    const viaHttp = this.#asked % this.#injectEvery === 0;
    return new Promise((resolve, reject) => {
      const forget = this.onDeath(() => reject(new TransportError('reset', 'the server has died')));
      const finish = (response: TransportResponse): void => {
        forget();
        if (this.isAlive) resolve(response);
      };
      void (viaHttp ? this.#inject(request) : this.#directly(request)).then(finish, reject);
    });
  }

  async #inject(request: TransportRequest): Promise<TransportResponse> {
    this.injecting += 1;
    const app = await this.#app;
    const response = await app.inject({
      method: request.method,
      url: targetOf(request.url),
      headers: { ...request.headers },
      payload: request.body(),
    });
    this.injecting -= 1;
    const { statusCode: status, headers, body } = response;
    return { status, headers: headers as TransportResponse['headers'], body };
  }

  /** The way past Fastify's parser and router; what a test compares with the other. */
  async #directly(request: TransportRequest): Promise<TransportResponse> {
    if (!this.#isReady) return { status: 503, headers: {}, body: '' };
    const target = targetOf(request.url);
    const route = routeOf(target);
    if (!route) return { status: 404, headers: {}, body: '' };
    const signature = request.headers['X-Twilio-Signature'];
    const form = formOf(request);
    try {
      const answer = await this.#desk.answer({ ...route, target, signature, form });
      if (answer.status === 403) return { status: 403, headers: {}, body: 'forbidden' };
      return answer.document === null
        ? { status: 204, headers: {}, body: '' }
        : { status: 200, headers: XML, body: answer.document };
    } catch {
      return { status: 503, headers: {}, body: '' };
    }
  }

  #clock(clock: VirtualClock): Clock {
    return {
      now: () => clock.now(),
      notBefore: () => {}, // It never runs backwards.
      wakeAt: (at, fire) => {
        const timer = clock.setTimeout(() => {
          if (this.isAlive) fire();
        }, at - clock.now());
        return () => clock.clearTimeout(timer);
      },
    };
  }

  /** The same object for as long as the process lives; then its promises never resolve. */
  #mortal<Port extends object>(port: Port, asynchronous: readonly (keyof Port)[]): Port {
    return new Proxy(port, {
      get: (target, name, receiver) => {
        const method: unknown = Reflect.get(target, name, receiver);
        if (typeof method !== 'function') return method;
        return (...given: unknown[]): unknown => {
          if (this.isAlive) return Reflect.apply(method, target, given) as unknown;
          return asynchronous.includes(name as keyof Port) ? never : undefined;
        };
      },
    });
  }
}

/** Fields come in any order: an object with a shape would have another one each time, and cost more than the request. */
function formOf({ fields }: TransportRequest): Record<string, string> {
  const form = Object.create(null) as Record<string, string>;
  for (const [name, value] of fields) form[name] = value;
  return form;
}

const XML = { 'content-type': 'text/xml; charset=utf-8' };

const targetOf = (url: string): string => url.slice(url.indexOf('/', url.indexOf('//') + 2));

const ROUTES = WEBHOOK_ROUTES.map(([kind, path]) => ({ kind, parts: path.split('/').slice(1) }));

/** As Fastify's router has it. */
function routeOf(
  target: string,
): { kind: WebhookKind; params: Record<string, string | undefined> } | null {
  const [path = ''] = target.split('?', 1);
  const given = path.slice(WEBHOOK_ROOT.length + 1).split('/');
  const route = ROUTES.find(({ parts }) => parts.length === given.length && parts[0] === given[0]);
  if (!route) return null;
  const params = route.parts.flatMap((part, at) =>
    part.startsWith(':') ? [[part.slice(1), given[at]] as const] : [],
  );
  return { kind: route.kind, params: Object.fromEntries(params) };
}
