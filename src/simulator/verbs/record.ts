import { fetchDocument, type DocumentRequest } from '../document.ts';
import type { Recording } from '../recordings.ts';
import {
  DocumentFailure,
  methodOf,
  NEXT,
  pickUp,
  resolveUrl,
  type Running,
  type Step,
} from '../running.ts';
import { Interrupted } from '../scope.ts';
import type { TwimlElement } from '../twiml.ts';
import type { Fields } from '../webhooks.ts';
import { recordingCallback } from './dial-recording.ts';
import { speakingMs } from './speaking.ts';

// Source: Twilio's page on <Record>.
const SILENCE_S_DEFAULT = 5;
const LENGTH_S_MAX_DEFAULT = 3600;
const FINISH_KEYS_DEFAULT = '1234567890*#';

type RecordEnd =
  | { readonly by: 'silence' | 'length' }
  | { readonly by: 'key'; readonly key: string };

/** Records the caller until a key, silence, the greatest length, or a hang-up; then `action` gets the recording. */
export async function record(running: Running, element: TwimlElement): Promise<Step> {
  const { leg, scope, document } = running;
  pickUp(leg);
  if (element.attributes['action'] === undefined && document.url === null) {
    throw new DocumentFailure(
      11_100,
      '<Record> without action in inline TwiML has nowhere to send the recording',
    );
  }
  if (element.attributes['playBeep'] !== 'false') leg.hear('tone', 'beep');
  const recording = leg.exchange.recordings.start(leg, {
    source: 'RecordVerb',
    channels: 1,
    track: 'both',
    ...recordingCallback(running, element),
  });
  let spokeMs = 0;
  const stopListening = leg.spoke.listen((text) => (spokeMs += speakingMs(text)));
  leg.notice('recording');
  try {
    const end = await untilOver(running, element);
    const silenceMs = end.by === 'silence' ? silenceMsOf(element) : 0;
    recording.stop(element.attributes['trim'] === 'do-not-trim' ? 0 : silenceMs);
    if (end.by === 'silence' && spokeMs === 0) return NEXT;
    return {
      kind: 'goto',
      request: actionRequest(running, element, recording, {
        Digits: end.by === 'key' ? end.key : '',
      }),
    };
  } catch (error) {
    if (error instanceof Interrupted && scope.interruption?.kind === 'ended') {
      recording.stop();
      void fetchDocument(leg, actionRequest(running, element, recording, { Digits: 'hangup' }));
    }
    throw error;
  } finally {
    stopListening();
    recording.stop();
  }
}

function untilOver(running: Running, element: TwimlElement): Promise<RecordEnd> {
  const { leg, scope } = running;
  const { clock } = leg.exchange;
  const finishKeys = element.attributes['finishOnKey'] ?? FINISH_KEYS_DEFAULT;
  const silenceMs = silenceMsOf(element);
  const lengthMs = Number(element.attributes['maxLength'] ?? LENGTH_S_MAX_DEFAULT) * 1000;
  return scope.until<RecordEnd>((resolve) => {
    const expectSilence = (afterMs: number): unknown =>
      clock.setTimeout(() => resolve({ by: 'silence' }), afterMs + silenceMs);
    let silence = expectSilence(0);
    const length = clock.setTimeout(() => resolve({ by: 'length' }), lengthMs);
    const stopSpeech = leg.spoke.listen((text) => {
      clock.clearTimeout(silence);
      silence = expectSilence(speakingMs(text));
    });
    const stopKeys = leg.digits.listen((key) => {
      if (finishKeys.includes(key)) resolve({ by: 'key', key });
    });
    return () => {
      clock.clearTimeout(silence);
      clock.clearTimeout(length);
      stopSpeech();
      stopKeys();
    };
  });
}

function silenceMsOf(element: TwimlElement): number {
  return Number(element.attributes['timeout'] ?? SILENCE_S_DEFAULT) * 1000;
}

function actionRequest(
  running: Running,
  element: TwimlElement,
  recording: Recording,
  more: Fields,
): DocumentRequest {
  const action = element.attributes['action'];
  return {
    kind: 'record-action',
    url: action === undefined ? running.document.url! : resolveUrl(running, action),
    method: methodOf(element),
    fields: { ...recording.fields, ...more },
    referer: running.document.url,
  };
}
