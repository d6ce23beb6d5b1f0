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
  dialer: Dialer;
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
const ROUTES: readonly (readonly [kind: WebhookKind, path: string])[] = [
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

const KIND_OF_ROUTE = new Map(ROUTES.map(([kind, path]) => [`${WEBHOOK_ROOT}${path}`, kind]));

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

/** Twilio's way in: signature → typed form → dialer → TwiML. No decision is taken here. */
export async function webhooks(app: FastifyInstance, options: WebhookOptions): Promise<void> {
  app.removeAllContentTypeParsers();
  await app.register(formbody, { bodyLimit: BODY_LIMIT_BYTES });
  app.addHook('preHandler', async (request, reply) => {
    if (isAuthentic(request, options)) return;
    return reply.code(403).type('text/plain; charset=utf-8').send('forbidden');
  });
  app.setErrorHandler((error: { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.code(status).send();
    if (!(error instanceof JournalError)) request.log.error({ err: error }, 'webhook failed');
    return reply.code(503).send(); // We do not know the state: let the fallback URL speak.
  });
  app.addHook('onResponse', async (request, reply) => {
    const kind = KIND_OF_ROUTE.get(request.routeOptions.url ?? '');
    if (kind) options.onAnswered?.(kind, reply.statusCode, reply.elapsedTime);
  });
  const documents = new TwimlTemplates(options.twiml);
  for (const [kind, path] of ROUTES) {
    app.post(`${WEBHOOK_ROOT}${path}`, (request, reply) =>
      answer(kind, request, reply, documents, options),
    );
    app.route({
      method: ['GET', 'PUT', 'PATCH', 'DELETE'],
      url: `${WEBHOOK_ROOT}${path}`,
      onRequest: async (_request, reply) => reply.code(405).header('Allow', 'POST').send(),
      handler: async () => {},
    });
  }
}

function isAuthentic(request: FastifyRequest, options: WebhookOptions): boolean {
  const form = request.body === undefined || request.body === null ? {} : request.body;
  if (!isPlainForm(form)) return false;
  const signature = request.headers['x-twilio-signature'];
  const url = options.twiml.publicBaseUrl + request.raw.url;
  return isSigned(
    options.authTokens,
    typeof signature === 'string' ? signature : undefined,
    url,
    form,
  );
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
  documents: TwimlTemplates,
  { dialer, accountSid, report }: WebhookOptions,
): Promise<FastifyReply> {
  const form = (request.body ?? {}) as Form; // `isAuthentic` has checked it.
  const webhook = readWebhook(kind, request.params as PathParams, form, accountSid);
  if (!webhook) report('anomaly', { anomaly: 'badForm', webhook: kind, callSid: null });
  const plan = webhook ? await dialer.webhook(webhook) : SAFE_PLAN[kind];
  const document = documents.write(plan);
  return document === null
    ? reply.code(204).send()
    : reply.type('text/xml; charset=utf-8').send(document);
}
