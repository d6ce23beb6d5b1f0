import { Bridge, type BridgeEnd } from '../bridge.ts';
import { fetchDocument } from '../document.ts';
import type { Leg } from '../leg.ts';
import type { CallQueue, Member } from '../queue.ts';
import { methodOf, resolveUrl, settleBeside } from '../running.ts';
import { Interrupted } from '../scope.ts';
import type { TwimlElement } from '../twiml.ts';
import type { Fields } from '../webhooks.ts';
import type { Dial } from './dial.ts';
import { recordDial } from './dial-recording.ts';

/** How a `<Dial><Queue>` ended. Only the first three names are known from Twilio; the rest is this network's guess. */
type DequeueResult = 'bridged' | 'queue-empty' | 'queue-not-found' | 'hangup';

/**
 * Connects the leg with the head of a queue: one member, one bridge. Waits while the queue is empty, tells the member's
 * leg through `url` before the bridge, and is over when the bridge is.
 */
export async function dialQueue(dial: Dial, noun: TwimlElement): Promise<Fields> {
  const { leg } = dial.running;
  const queue = leg.exchange.queues.named(noun.text);
  if (!queue) return resultFields(leg, null, 'queue-not-found');
  // Should the agent hang up while waiting, this is what the action is told.
  dial.result = resultFields(leg, queue, 'hangup');
  for (;;) {
    const member = await nextMember(dial, queue);
    if (member === null) return resultFields(leg, queue, 'queue-empty');
    const waitedSeconds = member.queueTimeSeconds;
    const bridge = await handOver(dial, noun, member);
    if (bridge !== null) return bridge;
    if (leg.exchange.assumptions.memberGoneInWhisper === 'dialEnds') {
      return resultFields(leg, queue, 'hangup', { member, waitedSeconds, talkSeconds: 0 });
    }
  }
}

async function nextMember(dial: Dial, queue: CallQueue): Promise<Member | null> {
  const { leg, scope } = dial.running;
  const { faults } = leg.exchange;
  leg.hear('music', 'hold music');
  leg.notice('waiting');
  if (scope.isOver) throw new Interrupted('the caller hung up');
  const timeoutMs = faults.strikes('clock.skip', { numbers: [leg.from, leg.to] })
    ? 0
    : dial.timeoutMs;
  return queue.next(scope, timeoutMs);
}

/** From the match to the end of the bridge; null when the member was gone before the bridge was made. */
async function handOver(dial: Dial, noun: TwimlElement, member: Member): Promise<Fields | null> {
  const { leg, scope } = dial.running;
  const { exchange } = leg;
  const waitedSeconds = member.queueTimeSeconds;
  let bridge: Bridge | null = null;
  try {
    const delayMs =
      exchange.random.within(exchange.timings.matchMs) +
      exchange.faults.delayMs('whisper.delay', about(leg), 4000);
    if (delayMs > 0) await scope.sleep(delayMs);
    await scope.for(whisper(dial, noun, member));
    if (member.isGone()) return null;
    member.phase = 'bridged';
    dial.recording ??= recordDial(dial.running, dial.element, 'answer');
    bridge = new Bridge({
      kind: 'queue',
      dialer: leg,
      other: member.leg,
      queueSid: member.queue.sid,
      hangupOnStar: dial.hangupOnStar,
      timeLimitMs: dial.timeLimitMs,
    });
    await bridge.over(scope);
    return bridgedFields(leg, member, waitedSeconds, bridge);
  } catch (error) {
    if (bridge !== null) dial.result = bridgedFields(leg, member, waitedSeconds, bridge);
    throw error;
  } finally {
    release(member, bridge);
  }
}

/** Lets the member's Enqueue go on, after a bridge or when the dequeuer vanished before it. */
function release(member: Member, bridge: Bridge | null): void {
  const { assumptions } = member.leg.exchange;
  if (bridge === null) {
    member.exit.settle(assumptions.dequeuerGoneInWhisper);
    return;
  }
  const how: BridgeEnd | undefined = bridge.ended.value;
  if (how !== 'otherRedirected') member.exit.settle('bridged');
}

/** Runs the whisper document on the member's leg. Resolves when it is over or the member is gone; never rejects. */
async function whisper(dial: Dial, noun: TwimlElement, member: Member): Promise<void> {
  const agent = dial.running.leg;
  const { leg, scope } = member;
  const url = noun.attributes['url'];
  if (member.isGone()) return;
  leg.notice('whisper');
  agent.exchange.onMoment(agent, 'whisper');
  if (url === undefined || member.isGone()) return;
  try {
    let request = {
      kind: 'queue-url' as const,
      url: resolveUrl(dial.running, url),
      method: methodOf(noun),
      fields: {
        QueueSid: member.queue.sid,
        QueueTime: String(member.queueTimeSeconds),
        DequeingCallSid: agent.sid,
      } as Fields,
      // The member is inside its own document, the one that enqueued it.
      referer: member.documentUrl,
    };
    for (;;) {
      const fetched = await scope.for(fetchDocument(leg, request));
      if (!fetched.ok) return;
      const step = await leg.exchange.interpreter.runVerbs({
        leg,
        scope,
        document: fetched.document,
        role: 'whisper',
      });
      if (step.kind !== 'goto') return;
      request = { ...request, ...step.request, kind: 'queue-url', referer: step.request.referer };
    }
  } catch (error) {
    settleBeside(leg, error);
  }
}

function resultFields(
  leg: Leg,
  queue: CallQueue | null,
  result: DequeueResult,
  served?: { member: Member; waitedSeconds: number; talkSeconds: number },
): Fields {
  const statuses = leg.exchange.assumptions.dialQueueStatus;
  const status = {
    bridged: statuses.bridged,
    'queue-empty': statuses.queueEmpty,
    'queue-not-found': statuses.queueNotFound,
    hangup: statuses.hangup,
  }[result];
  return {
    DialCallStatus: status,
    DequeueResult: result,
    ...(queue && { QueueSid: queue.sid }),
    ...(served && {
      DequeuedCallSid: served.member.leg.sid,
      DequeuedCallQueueTime: String(served.waitedSeconds),
      DequeuedCallDuration: String(served.talkSeconds),
    }),
  };
}

function bridgedFields(leg: Leg, member: Member, waitedSeconds: number, bridge: Bridge): Fields {
  return resultFields(leg, member.queue, 'bridged', {
    member,
    waitedSeconds,
    talkSeconds: bridge.seconds,
  });
}

function about(leg: Leg): { numbers: readonly string[] } {
  return { numbers: [leg.from, leg.to] };
}
