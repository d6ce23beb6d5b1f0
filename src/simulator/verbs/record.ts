import { NEXT, type Running, type Step } from '../running.ts';
import type { TwimlElement } from '../twiml.ts';

export function record(_running: Running, _element: TwimlElement): Step {
  return NEXT;
}
