import { fetchDocument, type DocumentRequest } from '../document.ts';
import type { Interruption } from '../leg.ts';
import {
  QUEUE_NAME_CHARACTERS_MAX,
  type CallQueue,
  type Member,
  type QueueResult,
} from '../queue.ts';
import {
  DocumentFailure,
  methodOf,
  NEXT,
  pickUp,
  resolveUrl,
  type Running,
  type Step,
} from '../running.ts';
import { Interrupted, type Scope } from '../scope.ts';
import type { TwimlElement } from '../twiml.ts';
import type { Fields } from '../webhooks.ts';

/** A wait document that ends at once would be asked for without end. */
const WAIT_LOOP_MS_MIN = 1000;

/**
 * Puts the leg into a queue until someone takes it, it leaves, or it is taken elsewhere; then tells `action`. Without
 * `action` the document goes on with the next verb.
 */
export async function enqueue(running: Running, element: TwimlElement): Promise<Step> {
  const { leg } = running;
  pickUp(leg);
  const name = element.text;
  const queue = nameProblem(running, name)
    ? null
    : (leg.exchange.queues.named(name) ?? leg.exchange.queues.create(name));
  if (queue === null) return afterwards(running, element, null, 'error', {});
  if (queue.isFull) {
    leg.exchange.debuggerLog.write(14_207, `the queue ${name} is full`, {
      callSid: leg.sid,
      url: running.document.url,
    });
    return afterwards(running, element, queue, 'queue-full', { QueueTime: '0' });
  }
  return waitInQueue(running, element, queue);
}

async function waitInQueue(
  running: Running,
  element: TwimlElement,
  queue: CallQueue,
): Promise<Step> {
  const { leg, scope } = running;
  const member = queue.join(leg, scope, running.document.url);
  let digits = '';
  // A dequeuer that was already waiting takes the member before it has heard anything.
  if (member.phase === 'waiting') leg.notice('queued');
  void waitLoop(running, element, member, (pressed) => (digits += pressed));
  const fieldsNow = (): Fields => ({
    QueueTime: String(member.queueTimeSeconds),
    ...(digits !== '' && { Digits: digits }),
  });
  try {
    const result = await scope.for(member.exit.promise);
    leave(member, result);
    return afterwards(running, element, queue, result, fieldsNow());
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    const result = interruptedResult(member, scope);
    leave(member, result);
    tellAction(running, element, queue, result, fieldsNow());
    throw error;
  }
}

function leave(member: Member, result: QueueResult): void {
  member.waiting.interrupt({ kind: 'stopped' });
  member.queue.remove(member);
  member.visit.leftAt = member.leg.exchange.clock.now();
  member.visit.result = result;
}

/** What a hang-up or a redirect by REST means, depending on how far the hand-over had come. */
function interruptedResult(member: Member, scope: Scope<Interruption>): QueueResult {
  const isRedirected = scope.interruption?.kind === 'redirected';
  switch (member.phase) {
    case 'waiting':
      return isRedirected ? 'redirected' : 'hangup';
    case 'dequeued':
      return isRedirected ? 'redirected' : 'hangup';
    case 'bridged':
      return isRedirected ? 'redirected-from-bridged' : 'bridged';
  }
}

function afterwards(
  running: Running,
  element: TwimlElement,
  queue: CallQueue | null,
  result: QueueResult,
  more: Fields,
): Step {
  const request = actionRequest(running, element, queue, result, more);
  return request ? { kind: 'goto', request } : NEXT;
}

/** The leg is gone or elsewhere: the action is still asked, its answer has nowhere to run. */
function tellAction(
  running: Running,
  element: TwimlElement,
  queue: CallQueue,
  result: QueueResult,
  more: Fields,
): void {
  const request = actionRequest(running, element, queue, result, more);
  if (request) void fetchDocument(running.leg, request);
}

function actionRequest(
  running: Running,
  element: TwimlElement,
  queue: CallQueue | null,
  result: QueueResult,
  more: Fields,
): DocumentRequest | null {
  const action = element.attributes['action'];
  if (action === undefined) return null;
  return {
    kind: 'enqueue-action',
    url: resolveUrl(running, action),
    method: methodOf(element),
    fields: {
      CallStatus: actionStatus(running),
      QueueResult: result,
      ...(queue && { QueueSid: queue.sid }),
      ...more,
    },
    // No capture has one.
    referer: null,
  };
}

function actionStatus({ leg }: Running): string {
  const { enqueueActionStatusAfterHangUp } = leg.exchange.assumptions;
  return leg.isOver ? enqueueActionStatusAfterHangUp : 'in-progress';
}

/** Plays the wait document again and again, asking for it anew each time, until the member's wait is over. */
async function waitLoop(
  running: Running,
  element: TwimlElement,
  member: Member,
  onDigits: (digits: string) => void,
): Promise<void> {
  const { leg } = running;
  const waitUrl = element.attributes['waitUrl'];
  if (waitUrl === '' || member.waiting.isOver) return;
  try {
    if (waitUrl === undefined) leg.hear('music', 'classical playlist');
    else await playWaitDocuments(running, element, waitUrl, member, onDigits);
  } catch (error) {
    if (error instanceof DocumentFailure) {
      leg.exchange.debuggerLog.write(error.code, error.message, {
        callSid: leg.sid,
        url: running.document.url,
      });
      leg.hear('music', 'classical playlist');
    } else if (!(error instanceof Interrupted)) {
      leg.exchange.onBug(error);
    }
  }
}

async function playWaitDocuments(
  running: Running,
  element: TwimlElement,
  waitUrl: string,
  member: Member,
  onDigits: (digits: string) => void,
): Promise<void> {
  const { leg } = running;
  const { clock, assumptions, interpreter } = leg.exchange;
  const scope = member.waiting;
  const first: DocumentRequest = {
    kind: 'enqueue-wait-url',
    url: resolveUrl(running, waitUrl),
    method: methodOf(element, 'waitUrlMethod', assumptions.waitUrlMethod),
    fields: {},
    referer: running.document.url,
  };
  let request = first;
  for (;;) {
    const startedAt = clock.now();
    const fetched = await scope.for(
      fetchDocument(leg, { ...request, fields: { ...request.fields, ...waitFields(member) } }),
    );
    if (!fetched.ok) {
      leg.hear('music', 'classical playlist');
      return;
    }
    const step = await interpreter.runVerbs({
      leg,
      scope,
      document: fetched.document,
      role: 'wait',
      onDigits,
    });
    if (step.kind === 'leave') {
      member.exit.settle('leave');
      return;
    }
    if (step.kind === 'end') {
      leg.hangUp('document');
      return;
    }
    request = step.kind === 'goto' ? step.request : first;
    const leftMs = WAIT_LOOP_MS_MIN - (clock.now() - startedAt);
    if (step.kind !== 'goto' && leftMs > 0) await scope.sleep(leftMs);
  }
}

function waitFields(member: Member): Fields {
  const { queue, leg } = member;
  return {
    QueueSid: queue.sid,
    QueuePosition: String(member.position),
    QueueTime: String(member.queueTimeSeconds),
    AvgQueueTime: String(queue.averageWaitSeconds),
    CurrentQueueSize: String(queue.members.length),
    ...(leg.exchange.assumptions.maxQueueSizeInWait && { MaxQueueSize: String(queue.maxSize) }),
  };
}

function nameProblem(running: Running, name: string): boolean {
  if (name !== '' && name.length <= QUEUE_NAME_CHARACTERS_MAX) return false;
  const code = name === '' ? 14_204 : 14_205;
  const { leg, document } = running;
  leg.exchange.debuggerLog.write(code, `the queue's name has ${name.length} characters`, {
    callSid: leg.sid,
    url: document.url,
  });
  return true;
}
