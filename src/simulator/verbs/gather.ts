import {
  DocumentFailure,
  methodOf,
  NEXT,
  pickUp,
  resolveUrl,
  settleBeside,
  type Running,
  type Step,
} from '../running.ts';
import type { Interruption } from '../leg.ts';
import type { Scope } from '../scope.ts';
import type { TwimlElement } from '../twiml.ts';
import type { Fields } from '../webhooks.ts';

const TIMEOUT_MS_DEFAULT = 5000;
/** Silence that ends what was said. */
const SPEECH_PAUSE_MS = 1000;

interface Input {
  readonly digits: string;
  /** Empty when the number of digits or the time ended it. */
  readonly finishedOnKey: string;
  /** What was said instead, where `input` allows speech. */
  readonly speech?: string;
}

/** How sure the recogniser of a simulated voice is. */
const CONFIDENCE = '0.9';

export async function gather(running: Running, element: TwimlElement): Promise<Step> {
  const { leg, document } = running;
  pickUp(leg);
  const action = element.attributes['action'];
  if (action === undefined && document.url === null) {
    throw new DocumentFailure(
      11_100,
      '<Gather> without action in inline TwiML has nowhere to send its digits',
    );
  }
  // A gather in a wait document shares the leg with the queue; its keys are the member's.
  leg.notice('prompted');
  const input = await collect(running, element);
  running.onDigits?.(input.digits);
  const isEmpty = input.digits === '' && input.speech === undefined;
  if (isEmpty && element.attributes['actionOnEmptyResult'] !== 'true') return NEXT;
  return {
    kind: 'goto',
    request: {
      kind: 'gather-action',
      url: action === undefined ? document.url! : resolveUrl(running, action),
      method: methodOf(element),
      fields: inputFields(element, input),
      referer: document.url,
    },
  };
}

function inputFields(element: TwimlElement, input: Input): Fields {
  if (input.speech === undefined)
    return { Digits: input.digits, FinishedOnKey: input.finishedOnKey, msg: 'Gather End' };
  return {
    SpeechResult: input.speech,
    Confidence: CONFIDENCE,
    Language: element.attributes['language'] ?? 'en-US',
  };
}

/** Speaks the prompt, if any, and takes keys from its first word on; the first key ends the prompt. */
async function collect(running: Running, element: TwimlElement): Promise<Input> {
  const { leg, scope } = running;
  const finishKey = element.attributes['finishOnKey'] ?? '#';
  const digitsMax = Number(element.attributes['numDigits'] ?? Infinity);
  const timeoutMs = timeoutOf(element);
  const inputs = (element.attributes['input'] ?? 'dtmf').split(' ');
  const prompt = scope.child();
  let prompting = true;
  return scope.until<Input>((resolve) => {
    let digits = '';
    let timer: unknown = null;
    const { clock } = leg.exchange;
    const restart = (): void => {
      clock.clearTimeout(timer);
      timer = clock.setTimeout(() => resolve({ digits, finishedOnKey: '' }), timeoutMs);
    };
    const stopHearing = leg.spoke.listen((speech) => {
      if (!inputs.includes('speech') || digits !== '') return;
      clock.clearTimeout(timer);
      timer = clock.setTimeout(
        () => resolve({ digits, finishedOnKey: '', speech }),
        SPEECH_PAUSE_MS,
      );
    });
    const stopListening = leg.digits.listen((digit) => {
      if (!inputs.includes('dtmf')) return;
      if (prompting) prompt.interrupt({ kind: 'stopped' });
      if (finishKey !== '' && finishKey.includes(digit)) {
        // The finish key before any digit counts as no input.
        resolve({ digits, finishedOnKey: digits === '' ? '' : digit });
        return;
      }
      digits += digit;
      if (digits.length >= digitsMax) resolve({ digits, finishedOnKey: '' });
      else restart();
    });
    const onPromptOver = (): void => {
      prompting = false;
      if (timer === null) restart();
    };
    void speakPrompt(running, element, prompt).then(onPromptOver);
    return () => {
      stopListening();
      stopHearing();
      clock.clearTimeout(timer);
      prompt.interrupt({ kind: 'stopped' });
    };
  });
}

/** Resolves when the prompt is over, however that came. */
async function speakPrompt(
  running: Running,
  element: TwimlElement,
  prompt: Scope<Interruption>,
): Promise<void> {
  if (element.children.length === 0) return;
  const document = { ...running.document, verbs: element.children };
  try {
    await running.leg.exchange.interpreter.runVerbs({
      leg: running.leg,
      scope: prompt,
      document,
      role: 'call',
    });
  } catch (error) {
    // Cut short by a key, or by whatever ended the gather itself: both are ordinary.
    settleBeside(running.leg, error);
  }
}

function timeoutOf(element: TwimlElement): number {
  const seconds = Number(element.attributes['timeout'] ?? NaN);
  return Number.isNaN(seconds) ? TIMEOUT_MS_DEFAULT : seconds * 1000;
}
