import { NEXT, pickUp, resolveUrl, type Running, type Step } from '../running.ts';
import { spokenText } from '../twiml-rules.ts';
import type { TwimlElement } from '../twiml.ts';

const LOOPS_MAX = 1000;
const MS_PER_WORD = 400;
const SAY_MS_MIN = 500;
const DIGIT_MS = 100;
const DIGIT_PAUSE_MS = 500;

export async function say(running: Running, element: TwimlElement): Promise<Step> {
  const { leg, scope } = running;
  pickUp(leg);
  const text = spokenText(element);
  if (text === '') {
    leg.exchange.debuggerLog.write(13_520, '<Say> has no text', {
      callSid: leg.sid,
      url: running.document.url,
    });
    return NEXT;
  }
  for (let left = loops(element); left > 0; left -= 1) {
    leg.hear('say', text);
    await scope.sleep(speakingMs(text));
  }
  return NEXT;
}

export async function play(running: Running, element: TwimlElement): Promise<Step> {
  const { leg, scope } = running;
  pickUp(leg);
  const digits = element.attributes['digits'];
  if (digits !== undefined) {
    for (const digit of digits) {
      const isPause = digit.toLowerCase() === 'w';
      if (!isPause) leg.hear('tone', digit);
      await scope.sleep(isPause ? DIGIT_PAUSE_MS : DIGIT_MS);
    }
    return NEXT;
  }
  if (element.text === '') return NEXT;
  const url = resolveUrl(running, element.text);
  const durationMs = await scope.for(leg.exchange.audio.durationMs(url, leg));
  if (durationMs === null) return NEXT;
  for (let left = loops(element); left > 0; left -= 1) {
    leg.hear('play', url);
    await scope.sleep(durationMs);
  }
  return NEXT;
}

export async function pause(running: Running, element: TwimlElement): Promise<Step> {
  const { leg, scope } = running;
  const seconds = Number(element.attributes['length'] ?? 1);
  // As the first verb it is the caller who waits: the call is answered after it.
  if (leg.isAnswered) leg.hear('silence', `${seconds} s`);
  await scope.sleep(seconds * 1000);
  pickUp(leg);
  return NEXT;
}

function loops(element: TwimlElement): number {
  const loop = Number(element.attributes['loop'] ?? 1);
  return loop === 0 ? LOOPS_MAX : loop;
}

/** About 150 words a minute. */
export function speakingMs(text: string): number {
  return Math.max(SAY_MS_MIN, text.split(/\s+/).length * MS_PER_WORD);
}
