import { END, methodOf, pickUp, resolveUrl, type Running, type Step } from '../running.ts';
import type { TwimlElement } from '../twiml.ts';

/** Hanging up does answer an inbound call first; only `<Reject>` does not. */
export function hangup(running: Running): Step {
  pickUp(running.leg);
  return END;
}

export function redirect(running: Running, element: TwimlElement): Step {
  return {
    kind: 'goto',
    request: {
      kind: 'redirect',
      url: resolveUrl(running, element.text),
      method: methodOf(element),
      fields: {},
      referer: running.document.url,
    },
  };
}

/** Refuses an inbound call unanswered and unbilled; later in a document it is just a hang-up. */
export function reject(running: Running, element: TwimlElement): Step {
  const { leg } = running;
  if (leg.isAnswered || leg.direction !== 'inbound') return END;
  const isBusy = element.attributes['reason'] === 'busy';
  leg.hear('tone', isBusy ? 'busy signal' : 'number not in service');
  leg.decline(isBusy ? 'busy' : 'no-answer', isBusy ? '486' : '603', 'document');
  return END;
}

/** Out of the queue; where there is none to leave, the document goes on. */
export function leave(running: Running): Step {
  return running.role === 'wait' ? { kind: 'leave' } : { kind: 'next' };
}
