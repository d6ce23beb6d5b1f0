import { Bridge } from '../bridge.ts';
import { type ProgressEvent, type Subscription } from '../call-progress.ts';
import { fetchDocument, type DocumentRequest } from '../document.ts';
import { Leg, type TerminalStatus } from '../leg.ts';
import { detectMachine } from '../machine-detection.ts';
import { ringOut } from '../placing.ts';
import { DocumentFailure, methodOf, resolveUrl, settleBeside, toMethod } from '../running.ts';
import type { TwimlElement } from '../twiml.ts';
import { isPhoneNumber } from '../webhook-fields.ts';
import type { Fields } from '../webhooks.ts';
import type { Dial } from './dial.ts';
import { recordDial } from './dial-recording.ts';

/** Dials numbers and clients, all at once or one after the other; the first to answer is bridged. */
export async function dialEndpoints(dial: Dial, nouns: readonly TwimlElement[]): Promise<Fields> {
  const isSequential = dial.element.attributes['sequential'] === 'true';
  if (!isSequential) return dialTogether(dial, nouns);
  let result: Fields = { DialCallStatus: 'failed' };
  for (const noun of nouns) {
    result = await dialTogether(dial, [noun]);
    if (result['DialCallStatus'] === 'completed') return result;
  }
  return result;
}

async function dialTogether(dial: Dial, nouns: readonly TwimlElement[]): Promise<Fields> {
  const { leg, scope } = dial.running;
  const children = nouns.flatMap((noun) => callChild(dial, noun));
  if (children.length === 0) return { DialCallStatus: 'failed', ...bridged(dial, false) };
  const legs = children.map((child) => child.leg);
  const ringTone = dial.element.attributes['ringTone'];
  leg.hear('ringback', `ringing${ringTone === undefined ? '' : ` (${ringTone})`}`);
  try {
    const winner = await firstAnswer(dial, children);
    if (winner === null) return unanswered(dial, legs);
    for (const other of legs) if (other !== winner.leg) release(other);
    return await talk(dial, winner);
  } finally {
    legs.forEach(release);
    if (scope.isOver && Object.keys(dial.result).length === 0) dial.result = unanswered(dial, legs);
  }
}

/** Hangs up on a dialed party, unless REST has given it a document, and with it a life, of its own. */
function release(leg: Leg): void {
  if (leg.document === null) leg.hangUp('bridge');
}

interface Child {
  readonly leg: Leg;
  readonly noun: TwimlElement;
}

function callChild(dial: Dial, noun: TwimlElement): Child[] {
  const { leg: parent } = dial.running;
  const { exchange } = parent;
  const target = targetOf(noun);
  const address = target === null ? null : exchange.dialable(target);
  if (address === null) {
    exchange.debuggerLog.write(13_223, `cannot dial ${noun.text}`, {
      callSid: parent.sid,
      url: dial.running.document.url,
    });
    return [];
  }
  const from = dial.element.attributes['callerId'] ?? parent.from;
  const leg = new Leg(exchange, {
    direction: 'outbound-dial',
    from,
    to: address,
    parent,
    party: exchange.people.partyAt(address),
    subscription: subscriptionOf(dial, noun),
    ringTimeoutMs: dial.timeoutMs,
    extraFields: isForwarding(parent, from)
      ? { ForwardedFrom: parent.to, CalledVia: parent.to }
      : {},
  });
  detectOnAnswer(dial, leg, noun);
  void ringOut(leg);
  return [{ leg, noun }];
}

/** Detection on a dialed number never holds the bridge back: its verdict goes to a callback. */
function detectOnAnswer(dial: Dial, leg: Leg, noun: TwimlElement): void {
  const { machineDetection, machineDetectionTimeout, amdStatusCallback, amdStatusCallbackMethod } =
    noun.attributes as Record<string, string | undefined>;
  if (machineDetection !== 'Enable' && machineDetection !== 'DetectMessageEnd') return;
  const options = {
    mode: machineDetection,
    isAsync: true,
    timeoutMs: Number(machineDetectionTimeout ?? 30) * 1000,
    callbackUrl:
      amdStatusCallback === undefined ? null : resolveUrl(dial.running, amdStatusCallback),
    callbackMethod: toMethod(amdStatusCallbackMethod ?? 'POST'),
  } as const;
  leg.answered.listen(() => void detectMachine(leg, options));
}

/** A telephone's call passed on to another telephone: the child says through which number. */
function isForwarding(parent: Leg, from: string): boolean {
  return parent.direction === 'inbound' && isPhoneNumber(from) && isPhoneNumber(parent.to);
}

function targetOf(noun: TwimlElement): string | null {
  switch (noun.name) {
    case 'Number':
      return noun.text;
    case 'Client': {
      const identity = noun.children.find((child) => child.name === 'Identity')?.text ?? noun.text;
      return identity === '' ? null : `client:${identity}`;
    }
    case 'Sip':
      return noun.text.startsWith('sip:') ? noun.text : null;
    default:
      return null;
  }
}

function subscriptionOf(dial: Dial, noun: TwimlElement): Subscription | null {
  const { statusCallback, statusCallbackEvent, statusCallbackMethod } = noun.attributes as Record<
    string,
    string | undefined
  >;
  if (statusCallback === undefined) return null;
  const events = (statusCallbackEvent ?? 'completed').split(/\s+/) as ProgressEvent[];
  return {
    url: resolveUrl(dial.running, statusCallback),
    method: toMethod(statusCallbackMethod ?? 'POST'),
    events: new Set(events),
  };
}

/** The first child that answers and whose whisper, if any, lets the bridge happen; null when none is left. */
async function firstAnswer(dial: Dial, children: readonly Child[]): Promise<Child | null> {
  const { scope } = dial.running;
  return scope.until<Child | null>((resolve) => {
    const undo: (() => void)[] = [];
    let left = children.length;
    const lose = (): void => {
      left -= 1;
      if (left === 0) resolve(null);
    };
    for (const child of children) {
      if (child.leg.isOver) {
        lose();
        continue;
      }
      undo.push(
        child.leg.ended.listen(lose),
        child.leg.answered.listen(() => resolve(child)),
      );
    }
    return () => undo.forEach((fn) => fn());
  });
}

async function talk(dial: Dial, child: Child): Promise<Fields> {
  const { leg: parent, scope } = dial.running;
  const { leg } = child;
  const isWilling = await scope.for(whisper(dial, child));
  if (!isWilling || leg.isOver || leg.document !== null) return childFields(dial, leg, null);
  if (!parent.isAnswered) parent.answer();
  dial.recording ??= recordDial(dial.running, dial.element, 'answer');
  const bridge = new Bridge({
    kind: 'number',
    dialer: parent,
    other: leg,
    hangupOnStar: dial.hangupOnStar,
    timeLimitMs: dial.timeLimitMs,
  });
  try {
    await bridge.over(scope);
    return childFields(dial, leg, bridge);
  } catch (error) {
    dial.result = childFields(dial, leg, bridge);
    throw error;
  }
}

/** Runs the called party's own document before the bridge; false when it hung up or was hung up on. */
async function whisper(dial: Dial, child: Child): Promise<boolean> {
  const { leg, noun } = child;
  const url = noun.attributes['url'];
  if (url === undefined) return true;
  const scope = leg.life.child();
  try {
    let request: DocumentRequest = {
      kind: 'number-url',
      url: resolveUrl(dial.running, url),
      method: methodOf(noun),
      fields: {},
      referer: null,
    };
    for (;;) {
      const fetched = await scope.for(fetchDocument(leg, request));
      if (!fetched.ok) return true;
      const step = await leg.exchange.interpreter.runVerbs({
        leg,
        scope,
        document: fetched.document,
        role: 'whisper',
      });
      if (step.kind === 'end') {
        leg.hangUp('document');
        return false;
      }
      if (step.kind !== 'goto') return true;
      request = step.request;
    }
  } catch (error) {
    settleBeside(leg, error);
    return error instanceof DocumentFailure;
  }
}

const WORST_FIRST: readonly TerminalStatus[] = [
  'busy',
  'no-answer',
  'failed',
  'canceled',
  'completed',
];

function unanswered(dial: Dial, legs: readonly Leg[]): Fields {
  const statuses = new Set(legs.map((leg) => leg.status));
  const status = WORST_FIRST.find((candidate) => statuses.has(candidate)) ?? 'no-answer';
  const first = legs[0]!;
  return {
    DialCallStatus: dial.running.scope.isOver ? 'canceled' : status,
    DialCallSid: first.sid,
    ...sipFields(first),
    ...bridged(dial, false),
  };
}

function childFields(dial: Dial, leg: Leg, bridge: Bridge | null): Fields {
  return {
    DialCallStatus: 'completed',
    DialCallSid: leg.sid,
    ...(bridge?.ended.value !== 'otherRedirected' && {
      DialCallDuration: String(leg.durationSeconds),
    }),
    ...sipFields(leg),
    ...bridged(dial, bridge !== null),
  };
}

/** What only a SIP endpoint can tell. */
function sipFields(leg: Leg): Fields {
  if (!leg.to.startsWith('sip:')) return {};
  return { DialSipResponseCode: leg.sipResponseCode ?? '200', DialSipCallId: `${leg.sid}@0.0.0.0` };
}

function bridged(dial: Dial, isBridged: boolean): Fields {
  return dial.running.leg.exchange.assumptions.dialBridged
    ? { DialBridged: String(isBridged) }
    : {};
}
