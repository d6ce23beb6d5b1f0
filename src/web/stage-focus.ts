import { useEffect, useRef, type RefObject } from 'react';
import type { Stage } from './situation.ts';

/** Marks what takes the focus when its panel comes to the front: a heading, or the one button to press next. */
export const STAGE_FOCUS = { 'data-stage-focus': true } as const;
export const STAGE_HEADING = { ...STAGE_FOCUS, tabIndex: -1 } as const;

/** Panels that are worth leaving a button for. A text field that is being typed in is never left. */
const COMES_TO_FRONT: ReadonlySet<Stage> = new Set(['queued', 'wrappingUp']);

/**
 * Keeps the focus when panels change: to the panel that comes to the front, and wherever the focused element has
 * gone. The handset's is taken too when it has done its work, so that digits mean outcomes again.
 */
export function useStageFocus(stage: Stage, main: RefObject<HTMLElement | null>): void {
  const previous = useRef<Stage | null>(null);
  useEffect(() => {
    const before = previous.current;
    previous.current = stage;
    const active = document.activeElement;
    const isLost = active === null || active === document.body;
    const isInHandset = active?.closest('[data-handset]') !== null && !isLost;
    const isTyping = active instanceof HTMLInputElement || active instanceof HTMLTextAreaElement;
    const isHandsetDone = isInHandset && stage !== 'noPhone';
    const comesToFront =
      COMES_TO_FRONT.has(stage) || (stage === 'bridged' && before !== 'queued' && before !== null);
    if (isLost || isHandsetDone || (comesToFront && !isTyping)) {
      const target = main.current?.querySelector<HTMLElement>('[data-stage-focus]');
      target?.focus();
    }
  }, [stage, main]);
}
