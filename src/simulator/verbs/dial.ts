import { fetchDocument, type DocumentRequest } from '../document.ts';
import {
  DocumentFailure,
  methodOf,
  NEXT,
  pickUp,
  resolveUrl,
  type Running,
  type Step,
} from '../running.ts';
import type { Recording } from '../recordings.ts';
import { Interrupted } from '../scope.ts';
import type { TwimlElement } from '../twiml.ts';
import type { Fields } from '../webhooks.ts';
import { dialConference } from './dial-conference.ts';
import { dialEndpoints } from './dial-endpoints.ts';
import { recordDial } from './dial-recording.ts';
import { dialQueue } from './dial-queue.ts';

/** The attributes of a Dial, read. */
export interface Dial {
  readonly running: Running;
  readonly element: TwimlElement;
  readonly timeoutMs: number;
  readonly timeLimitMs: number;
  readonly hangupOnStar: boolean;
  recording: Recording | null;
  /** Records the result for the action request; kept current, for a caller who hangs up in between. */
  result: Fields;
}

// Source: Twilio's page on <Dial>: 30 s to answer, 4 hours to talk.
const TIMEOUT_S_DEFAULT = 30;
const TIME_LIMIT_S_DEFAULT = 14_400;

/** Connects the leg with others; when that is over, `action` decides, or the next verb. */
export async function dial(running: Running, element: TwimlElement): Promise<Step> {
  const { leg } = running;
  if (leg.direction === 'outbound-dial' && running.role === 'whisper') {
    throw new DocumentFailure(13_201, '<Dial> in the document of a dialed party');
  }
  const answersFirst = element.attributes['answerOnBridge'] !== 'true';
  if (answersFirst) pickUp(leg);
  const dialing: Dial = {
    running,
    element,
    timeoutMs: Number(element.attributes['timeout'] ?? TIMEOUT_S_DEFAULT) * 1000,
    timeLimitMs: Number(element.attributes['timeLimit'] ?? TIME_LIMIT_S_DEFAULT) * 1000,
    hangupOnStar: element.attributes['hangupOnStar'] === 'true',
    recording: recordDial(running, element, 'ringing'),
    result: {},
  };
  try {
    dialing.result = await connect(dialing);
    dialing.recording?.stop();
  } catch (error) {
    dialing.recording?.stop();
    // The caller hung up, or REST moved the call. The first is still told to the action, whose answer has nowhere to run.
    if (error instanceof Interrupted && running.scope.interruption?.kind === 'ended')
      tellAction(dialing);
    throw error;
  }
  const request = actionRequest(dialing);
  return request ? { kind: 'goto', request } : NEXT;
}

function connect(dialing: Dial): Promise<Fields> {
  const [noun] = dialing.element.children;
  if (noun?.name === 'Queue') return dialQueue(dialing, noun);
  if (noun?.name === 'Conference') return dialConference(dialing, noun);
  return dialEndpoints(dialing, nounsOf(dialing.element));
}

/** A bare number as text is a Number. */
function nounsOf(element: TwimlElement): readonly TwimlElement[] {
  if (element.children.length > 0) return element.children;
  return [{ name: 'Number', attributes: {}, children: [], text: element.text }];
}

function tellAction(dialing: Dial): void {
  const request = actionRequest(dialing);
  if (request) void fetchDocument(dialing.running.leg, request);
}

function actionRequest(dialing: Dial): DocumentRequest | null {
  const { running, element, result } = dialing;
  const { leg, document } = running;
  const action = element.attributes['action'];
  if (action === undefined) return null;
  const isInProgress =
    leg.isOver && leg.exchange.assumptions.dialActionStatusAfterHangUp === 'in-progress';
  return {
    kind: 'dial-action',
    url: resolveUrl(running, action),
    method: methodOf(element),
    fields: {
      ...result,
      ...dialing.recording?.fields,
      ...(isInProgress && { CallStatus: 'in-progress' }),
    },
    referer: document.url,
  };
}
