import { toMethod, resolveUrl, type Running } from '../running.ts';
import type { Recording, RecordingOptions } from '../recordings.ts';
import type { TwimlElement } from '../twiml.ts';
import type { HttpMethod } from '../webhooks.ts';

/** Starts the recording that a Dial's `record` asks for at this moment, if any. */
export function recordDial(
  running: Running,
  element: TwimlElement,
  moment: 'ringing' | 'answer',
): Recording | null {
  const record = element.attributes['record'] ?? 'do-not-record';
  const wanted = record === 'true' ? 'record-from-answer' : record;
  if (!wanted.startsWith(`record-from-${moment}`)) return null;
  return running.leg.exchange.recordings.start(running.leg, {
    source: 'DialVerb',
    channels: wanted.endsWith('-dual') ? 2 : 1,
    track: element.attributes['recordingTrack'] ?? 'both',
    ...recordingCallback(running, element),
  });
}

/** Who is told about a recording: the three attributes every recording verb has. */
export function recordingCallback(
  running: Running,
  element: TwimlElement,
): Pick<RecordingOptions, 'callbackUrl' | 'callbackEvents'> & { callbackMethod: HttpMethod } {
  const url = element.attributes['recordingStatusCallback'];
  return {
    callbackUrl: url === undefined ? null : resolveUrl(running, url),
    callbackMethod: toMethod(element.attributes['recordingStatusCallbackMethod'] ?? 'POST'),
    callbackEvents: new Set(
      (element.attributes['recordingStatusCallbackEvent'] ?? 'completed').split(/\s+/),
    ),
  };
}
