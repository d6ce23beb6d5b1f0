import { isTerminal, parseCallStatus } from '../domain/call-status.ts';
import type { Step } from '../replay/script.ts';
import type { Row } from '../replay/timeline.ts';

/** One step of a recording, with what the recorded order shows of it. */
export interface Told {
  step: Step;
  /** The leg or call that it is about, where it is about one. */
  leg: string | null;
  call: string | null;
  /** What Twilio was asked to do because of it: `place CALL`, `end SID`, `dismiss SID`. */
  orders: readonly string[];
}

/** The steps of a replay in their order; what a timer ordered counts as ordered by the step before it. */
export function toldBy(rows: readonly Row[]): Told[] {
  const told: (Told & { orders: string[] })[] = [];
  for (const row of rows) {
    const { step } = row;
    if (step === null) told.at(-1)?.orders.push(...row.orders);
    else
      told.push({
        step,
        leg: legOf(step),
        call: row.call?.id ?? callOf(step),
        orders: [...row.orders],
      });
  }
  return told;
}

const legOf = (step: Step): string | null => {
  if (step.step === 'webhook') return step.callSid;
  return step.step === 'fact' && step.asked !== 'find' ? step.about : null;
};

function callOf(step: Step): string | null {
  if (step.step === 'created' || step.step === 'line') return step.callId;
  return step.step === 'fact' && step.asked === 'find' ? step.about : null;
}

/** Of each step, the places of those that must come before it: its causes, and what Twilio sends in order. */
export const causesOf = (told: readonly Told[]): number[][] =>
  told.map((later, index) =>
    told.flatMap((earlier, place) =>
      place < index && mustPrecede(earlier, later, told) ? place : [],
    ),
  );

function mustPrecede(earlier: Told, later: Told, all: readonly Told[]): boolean {
  return (
    isBarrier(earlier) ||
    isBarrier(later) ||
    isOrderedBy(earlier, later) ||
    isSameThread(earlier, later) ||
    isSeenBefore(earlier, later) ||
    isLastWord(earlier, later, all)
  );
}

const isBarrier = ({ step }: Told): boolean => step.step === 'signIn' || step.step === 'restart';

/** What was placed or ended tells of it afterwards. */
function isOrderedBy(earlier: Told, later: Told): boolean {
  return earlier.orders.some((order) => {
    const [verb = '', of = ''] = order.split(' ');
    if (verb === 'place') return later.call === of;
    return later.leg === of && (later.step.step === 'fact' || isEnd(later));
  });
}

/**
 * A leg asks for its next document when it has the last one. The agent's leg and those of her queue hand over to each other:
 * `<Queue url>` follows her `<Dial>`, and its end follows that. People click one after the other.
 */
function isSameThread(earlier: Told, later: Told): boolean {
  if (isClick(earlier) && isClick(later)) return true;
  if (!isDocument(earlier) || !isDocument(later)) return false;
  return earlier.leg === later.leg || (isOfQueue(earlier) && isOfQueue(later));
}

/** Who clicks has seen what was answered before; the end of a talk may be what she has clicked. */
function isSeenBefore(earlier: Told, later: Told): boolean {
  if (isClick(later)) return isDocument(earlier) || isEnd(earlier);
  return isClick(earlier) && isEnd(later);
}

/** The last callback is sent when the leg is over: after every document but the one that its end asks for. */
function isLastWord(earlier: Told, later: Told, all: readonly Told[]): boolean {
  if (!isFinalStatus(later) || !isDocument(earlier) || earlier.leg !== later.leg) return false;
  const documents = all.filter((one) => isDocument(one) && one.leg === later.leg);
  return documents.at(-1) !== earlier || !isKind(earlier, ['onDequeue']);
}

const isKind = ({ step }: Told, kinds: readonly string[]): boolean =>
  step.step === 'webhook' && kinds.includes(step.kind);

const isDocument = (told: Told): boolean =>
  told.step.step === 'webhook' && !isKind(told, ['callStatus', 'agentStatus', 'fallback']);

const isOfQueue = (told: Told): boolean => isKind(told, ['codeKeyed', 'bridging', 'stopConsuming']);

function isFinalStatus({ step }: Told): boolean {
  if (step.step !== 'webhook' || step.kind !== 'callStatus') return false;
  const status = parseCallStatus(step.form['CallStatus']);
  return status !== null && isTerminal(status);
}

const isEnd = (told: Told): boolean =>
  isFinalStatus(told) || isKind(told, ['onDequeue', 'stopConsuming']);

/** What is not a message of Twilio's: the agent, her page, the list, the line. */
const isClick = ({ step }: Told): boolean =>
  ['command', 'dial', 'page', 'reserved', 'line', 'leadsAdded'].includes(step.step);
