import {
  fetchDocument,
  inlineDocument,
  type DocumentRequest,
  type FetchedDocument,
  type TwimlDocument,
} from './document.ts';
import type { Instructions, Interruption, Leg } from './leg.ts';
import {
  DocumentFailure,
  DONE,
  pickUp,
  type Interpreter,
  type Role,
  type Running,
  type Step,
  type Verb,
} from './running.ts';
import { Interrupted, type Scope } from './scope.ts';
import { dial } from './verbs/dial.ts';
import { enqueue } from './verbs/enqueue.ts';
import { gather } from './verbs/gather.ts';
import { hangup, leave, redirect, reject } from './verbs/leaving.ts';
import { record } from './verbs/record.ts';
import { pause, play, say } from './verbs/speaking.ts';
import type { Fields, WebhookKind } from './webhooks.ts';

const VERBS: Readonly<Record<string, Verb>> = {
  Say: say,
  Play: play,
  Pause: pause,
  Gather: gather,
  Dial: dial,
  Enqueue: enqueue,
  Leave: leave,
  Redirect: redirect,
  Reject: reject,
  Hangup: hangup,
  Record: record,
};

const ALLOWED: Readonly<Record<Role, ReadonlySet<string> | null>> = {
  call: null,
  wait: new Set(['Say', 'Play', 'Pause', 'Hangup', 'Redirect', 'Leave', 'Gather']),
  whisper: new Set(['Say', 'Play', 'Pause', 'Redirect', 'Gather', 'Hangup', 'Reject']),
  'conference-wait': new Set(['Say', 'Play', 'Pause', 'Redirect']),
};

/** Where nothing takes time, documents that redirect to each other would never let go of a virtual clock. */
const DOCUMENTS_AT_ONCE_MAX = 200;

function runCall(leg: Leg, start: Instructions, kind: WebhookKind, fields: Fields = {}): void {
  if (leg.isOver) return;
  leg.document?.interrupt({ kind: 'redirected' });
  const scope = leg.life.child();
  leg.document = scope;
  leg.instructions = start;
  runDocuments(leg, scope, start, kind, fields).catch((error: unknown) => {
    if (!(error instanceof Interrupted)) leg.exchange.onBug(error);
  });
}

async function runDocuments(
  leg: Leg,
  scope: Scope<Interruption>,
  start: Instructions,
  kind: WebhookKind,
  fields: Fields,
): Promise<void> {
  const { clock } = leg.exchange;
  let fetched = await scope.for(firstDocument(leg, start, kind, fields));
  for (let documents = 1, since = clock.now(); ; documents += 1) {
    if (clock.now() !== since) [documents, since] = [1, clock.now()];
    if (documents > DOCUMENTS_AT_ONCE_MAX) fetched = goingRound(leg, start);
    const next = fetched.ok ? await runOne(leg, scope, fetched.document) : failed(fetched);
    if (next.kind === 'end') break;
    if (next.kind === 'goto') fetched = await scope.for(fetchDocument(leg, next.request));
    else {
      const replacement = await fallback(leg, scope, start, next);
      if (!replacement) break;
      fetched = replacement;
    }
  }
  await end(leg, scope);
}

function goingRound(leg: Leg, start: Instructions): FetchedDocument {
  const message = `${DOCUMENTS_AT_ONCE_MAX} documents without a moment in between: they lead round in a circle`;
  leg.exchange.debuggerLog.write(12_400, message, { callSid: leg.sid, url: start.url });
  return { ok: false, code: 12_400, message, url: start.fallbackUrl ?? '' };
}

type Next =
  | { kind: 'end' }
  | { kind: 'goto'; request: DocumentRequest }
  | { kind: 'failed'; code: number; url: string };

function failed(fetched: FetchedDocument & { ok: false }): Next {
  return { kind: 'failed', code: fetched.code, url: fetched.url };
}

async function firstDocument(
  leg: Leg,
  start: Instructions,
  kind: WebhookKind,
  fields: Fields,
): Promise<FetchedDocument> {
  if (start.url !== null)
    return fetchDocument(leg, {
      kind,
      url: start.url,
      method: start.method,
      fields,
      referer: null,
    });
  return inlineDocument(leg, start.twiml ?? '<Response/>');
}

async function runOne(
  leg: Leg,
  scope: Scope<Interruption>,
  document: TwimlDocument,
): Promise<Next> {
  try {
    const step = await runVerbs({ leg, scope, document, role: 'call' });
    return step.kind === 'goto' ? step : { kind: 'end' };
  } catch (error) {
    if (!(error instanceof DocumentFailure)) throw error;
    leg.exchange.debuggerLog.write(error.code, error.message, {
      callSid: leg.sid,
      url: document.url,
    });
    return { kind: 'failed', code: error.code, url: document.url ?? '' };
  }
}

/** Runs the verbs of one document, top to bottom; what it returns is why it stopped. */
async function runVerbs(running: Running): Promise<Step> {
  const allowed = ALLOWED[running.role];
  for (const element of running.document.verbs) {
    if (allowed && !allowed.has(element.name)) {
      refuseVerb(running, element.name);
      continue;
    }
    const step = await VERBS[element.name]!(running, element);
    if (step.kind !== 'next') return step;
  }
  return DONE;
}

function refuseVerb(running: Running, verb: string): void {
  const { leg, document, role } = running;
  const isChild = role === 'whisper' && verb === 'Dial';
  const code = isChild ? 13_201 : role === 'conference-wait' ? 13_238 : 12_200;
  leg.exchange.debuggerLog.write(code, `<${verb}> may not be used here; it is skipped`, {
    callSid: leg.sid,
    url: document.url,
  });
}

/** The fallback document; or null, after the caller has heard the stock message. */
async function fallback(
  leg: Leg,
  scope: Scope<Interruption>,
  start: Instructions,
  failure: { code: number; url: string },
): Promise<FetchedDocument | null> {
  if (start.fallbackUrl !== null && failure.url !== start.fallbackUrl) {
    const fetched = await scope.for(
      fetchDocument(leg, {
        kind: 'fallback-url',
        url: start.fallbackUrl,
        method: start.fallbackMethod,
        fields: { ErrorCode: String(failure.code), ErrorUrl: failure.url },
        referer: null,
      }),
    );
    if (fetched.ok) return fetched;
  }
  pickUp(leg);
  leg.hear('say', 'We are sorry, an application error has occurred. Goodbye.');
  await scope.sleep(leg.exchange.random.within(leg.exchange.timings.applicationErrorMs));
  return null;
}

async function end(leg: Leg, scope: Scope<Interruption>): Promise<void> {
  const { exchange } = leg;
  // Even an empty document answers an inbound call; only <Reject> does not.
  pickUp(leg);
  const delayMs =
    exchange.random.within(exchange.timings.hangUpMs) +
    exchange.faults.delayMs('hangup.latency', { numbers: [leg.from, leg.to] }, 3000);
  if (delayMs > 0) await scope.sleep(delayMs);
  leg.hangUp('document');
}

export const interpreter: Interpreter = { runCall, runVerbs };
