import { existsSync } from 'node:fs';
import helmet from '@fastify/helmet';
import fastifyStatic from '@fastify/static';
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { JournalError } from '../domain/errors.ts';
import { agentSocket, type AgentSocketOptions } from './agent-socket.ts';
import { chartsSocket, type ChartsSocketOptions } from './charts-socket.ts';
import { leadsApi } from './leads-api.ts';
import { metricsRoute, type MetricsOptions } from './metrics.ts';
import { inspectSocket } from './inspect-socket.ts';
import { recordingsApi, type Recordings } from './recordings-api.ts';
import { schemasCompiledLater } from './validation.ts';
import { webhooks, type WebhookOptions } from './webhooks.ts';

export type Readiness = 'starting' | 'ready' | 'journalUnwritable';

export interface AppOptions {
  logger: FastifyBaseLogger;
  webhooks: WebhookOptions;
  /** The pages' way in; without it only Twilio is answered. */
  agents?: AgentSocketOptions;
  recordings?: Recordings;
  metrics?: MetricsOptions;
  charts?: ChartsSocketOptions;
  /** For a developer's inspector; never with real credentials. */
  isInspected?: boolean;
  /** `starting` until the journal has been replayed: until then nobody is answered but health checks. */
  readiness: () => Readiness;
  /** Folder of the built page; without it only the page is missing. */
  webRoot?: string;
}

const HEALTH: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

/** The server without its port: webhooks, the pages' socket, the page itself. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: options.logger,
    // Facts are reported where they happen, one line each.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 16 * 1024,
    forceCloseConnections: true,
    schemaController: schemasCompiledLater,
  });
  app.setErrorHandler((error: { statusCode?: number }, request, reply) => {
    if (error instanceof JournalError) {
      return reply.code(503).send({ error: { code: 'unavailable', requestId: request.id } });
    }
    const status = error.statusCode ?? 500;
    if (status >= 500) request.log.error({ err: error }, 'request failed');
    return reply.code(status).send({
      error: { code: status >= 500 ? 'internal' : 'bad_request', requestId: request.id },
    });
  });
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ error: { code: 'not_found', requestId: request.id } }),
  );
  app.get('/healthz', async () => ({ status: 'alive' }));
  app.get('/readyz', async (_request, reply) => {
    const status = options.readiness();
    return reply.code(status === 'ready' ? 200 : 503).send({ status });
  });
  // Hooks of every request call back: a promise each would be several turns of the queue.
  app.addHook('onRequest', (request, reply, done) => {
    // Empty, so that Twilio's fallback URL speaks and a page tries again.
    if (options.readiness() === 'starting' && !HEALTH.has(request.url)) reply.code(503).send();
    else done();
  });
  app.addHook('onResponse', (request, _reply, done) => {
    // An upgrade that was refused: its socket has left the HTTP server, and nobody else would ever close it.
    if (request.raw.headers.upgrade !== undefined) request.raw.socket.destroySoon();
    done();
  });
  await app.register(webhooks, options.webhooks);
  const { agents, charts, recordings, webRoot } = options;
  if (agents) {
    // One scope for both: the WebSocket plugin may answer the server's upgrades only once.
    await app.register(async (scope) => {
      await agentSocket(scope, agents);
      if (charts) chartsSocket(scope, charts);
      if (charts && options.isInspected) inspectSocket(scope, charts);
    });
    await app.register(leadsApi, agents);
    if (recordings) await app.register(recordingsApi, { ...agents, recordings });
  }
  if (options.metrics) await app.register(metricsRoute, options.metrics);
  if (webRoot !== undefined) await app.register(page, { webRoot });
  return app;
}

async function page(app: FastifyInstance, { webRoot }: { webRoot: string }): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'self'"],
        'connect-src': ["'self'"],
        'object-src': ["'none'"],
        'base-uri': ["'none'"],
        'frame-ancestors': ["'none'"],
        'form-action': ["'self'"],
      },
    },
    strictTransportSecurity: false, // The proxy that ends TLS decides.
  });
  if (!existsSync(webRoot)) {
    app.get('/', async (_request, reply) =>
      reply.code(503).type('text/plain').send('The page is not built: run npm run build.'),
    );
    return;
  }
  await app.register(fastifyStatic, { root: webRoot, cacheControl: false });
  app.get('/machines', (_request, reply) => reply.sendFile('index.html'));
  // The supervisor's address: the same page, which looks at where it is.
  app.get('/floor', (_request, reply) => reply.sendFile('index.html'));
}
