import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dialer } from '../dialer/dialer.ts';
import { JournalError } from '../domain/errors.ts';
import type { Report } from '../dialer/ports.ts';
import type { TwimlPlan } from '../domain/twiml-plan.ts';
import type { WebhookKind } from '../domain/webhook.ts';
import { WEBHOOK_ROOT } from '../twilio/paths.ts';
import { isSigned } from '../twilio/signature.ts';
import { TwimlTemplates } from '../twilio/twiml-templates.ts';
import type { TwimlSettings } from '../twilio/twiml.ts';
import { readWebhook, type Form, type PathParams } from '../twilio/webhook-forms.ts';

export interface WebhookOptions {
  dialer: Pick<Dialer, 'webhook'>;
  twiml: TwimlSettings;
  accountSid: string;
  /** Tokens whose signature is accepted, the primary one first. */
  authTokens: readonly string[];
  report: Report;
  /** Told of every request that was answered, whatever the answer. */
  onAnswered?: (route: WebhookKind, status: number, tookMs: number) => void;
}

/** Twilio's forms have about 30 fields and 1 kB. */
const BODY_LIMIT_BYTES = 16 * 1024;
const FIELD_LIMIT = 100;

/** Which request comes to which path; docs/webhooks.md is the table in words. */
export const WEBHOOK_ROUTES: readonly (readonly [kind: WebhookKind, path: string])[] = [
  ['consume', '/consume'],
  ['codeKeyed', '/consume/:leg/:step'],
  ['stopConsuming', '/stop-consuming/:session/:step'],
  ['bridging', '/bridging/:session/:step'],
  ['enqueue', '/enqueue/:call/:step'],
  ['waiting', '/waiting/:call/:step'],
  ['onDequeue', '/on-dequeue/:call/:step'],
  ['callStatus', '/call-status-event/:call'],
  ['fallback', '/fallback/:leg'],
];

const KIND_OF_ROUTE = new Map(
  WEBHOOK_ROUTES.map(([kind, path]) => [`${WEBHOOK_ROOT}${path}`, kind]),
);

/** What a leg hears when its own request could not be read. */
const SAFE_PLAN: Record<WebhookKind, TwimlPlan> = {
  consume: { plan: 'unavailable' },
  codeKeyed: { plan: 'unavailable' },
  stopConsuming: { plan: 'unavailable' },
  bridging: { plan: 'proceed' },
  enqueue: { plan: 'unavailable' },
  waiting: { plan: 'leave' },
  onDequeue: { plan: 'unavailable' },
  callStatus: { plan: 'noContent' },
  fallback: { plan: 'unavailable' },
};

/** What a request brings, however it came: over HTTP, or from a network in this process. */
export interface SignedRequest {
  kind: WebhookKind;
  params: PathParams;
  /** Path and query as they were asked for: they are signed. */
  target: string;
  signature: string | undefined;
  form: Form;
}

/** A document; null: none is due (204). */
export type WebhookAnswer = { status: 200; document: string | null } | { status: 403 };

/**
 * Signature → typed form → dialer → TwiML. No decision is taken here. Rejects when the journal cannot be written: we
 * do not know the state then, and the fallback URL must speak.
 */
export class WebhookDesk {
  readonly #options: WebhookOptions;
  readonly #documents: TwimlTemplates;

  constructor(options: WebhookOptions) {
    this.#options = options;
    this.#documents = new TwimlTemplates(options.twiml);
  }

  isAuthentic({ target, signature, form }: Omit<SignedRequest, 'kind' | 'params'>): boolean {
    const { authTokens, twiml } = this.#options;
    return isSigned(authTokens, signature, twiml.publicBaseUrl + target, form);
  }

  async answer(request: SignedRequest): Promise<WebhookAnswer> {
    return this.isAuthentic(request)
      ? { status: 200, document: await this.document(request) }
      : { status: 403 };
  }

  /** For a request whose signature was checked. */
  async document({ kind, params, form }: Omit<SignedRequest, 'signature'>): Promise<string | null> {
    const { dialer, accountSid, report } = this.#options;
    const webhook = readWebhook(kind, params, form, accountSid);
    if (!webhook) report('anomaly', { anomaly: 'badForm', webhook: kind, callSid: null });
    return this.#documents.write(webhook ? await dialer.webhook(webhook) : SAFE_PLAN[kind]);
  }
}

/** Twilio's way in over HTTP. */
export async function webhooks(app: FastifyInstance, options: WebhookOptions): Promise<void> {
  app.removeAllContentTypeParsers();
  await app.register(formbody, { bodyLimit: BODY_LIMIT_BYTES });
  const desk = new WebhookDesk(options);
  app.addHook('preHandler', (request, reply, done) => {
    if (isAuthentic(request, desk)) done();
    else reply.code(403).type('text/plain; charset=utf-8').send('forbidden');
  });
  app.setErrorHandler((error: { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.code(status).send();
    if (!(error instanceof JournalError)) request.log.error({ err: error }, 'webhook failed');
    return reply.code(503).send(); // We do not know the state: let the fallback URL speak.
  });
  app.addHook('onResponse', (request, reply, done) => {
    const kind = KIND_OF_ROUTE.get(request.routeOptions.url ?? '');
    if (kind) options.onAnswered?.(kind, reply.statusCode, reply.elapsedTime);
    done();
  });
  for (const [kind, path] of WEBHOOK_ROUTES) {
    app.post(`${WEBHOOK_ROOT}${path}`, (request, reply) => answer(kind, request, reply, desk));
    app.route({
      method: ['GET', 'PUT', 'PATCH', 'DELETE'],
      url: `${WEBHOOK_ROOT}${path}`,
      onRequest: async (_request, reply) => reply.code(405).header('Allow', 'POST').send(),
      handler: async () => {},
    });
  }
}

/** The form of a request, if it is one that Twilio may have sent. */
const formOf = ({ body }: FastifyRequest): Form | null => {
  const form = body ?? {};
  return isPlainForm(form) ? form : null;
};

function isAuthentic(request: FastifyRequest, desk: WebhookDesk): boolean {
  const form = formOf(request);
  const given = request.headers['x-twilio-signature'];
  const signature = typeof given === 'string' ? given : undefined;
  return form !== null && desk.isAuthentic({ target: request.raw.url ?? '', signature, form });
}

/** Repeated names come as arrays; Twilio repeats none, and the signature folds them (threat T3). */
function isPlainForm(body: unknown): body is Form {
  if (typeof body !== 'object' || body === null) return false;
  let fields = 0;
  for (const name in body) {
    fields += 1;
    if (typeof (body as Record<string, unknown>)[name] !== 'string') return false;
  }
  return fields <= FIELD_LIMIT;
}

async function answer(
  kind: WebhookKind,
  request: FastifyRequest,
  reply: FastifyReply,
  desk: WebhookDesk,
): Promise<FastifyReply> {
  const document = await desk.document({
    kind,
    params: request.params as PathParams,
    target: request.raw.url ?? '',
    form: (request.body ?? {}) as Form, // `isAuthentic` has checked it.
  });
  return document === null
    ? reply.code(204).send()
    : reply.type('text/xml; charset=utf-8').send(document);
}
