import { useEffect, useMemo, useRef } from 'react';
import { TEXTS } from '../texts.ts';
import type { ChartName, Drawing } from './drawings.ts';
import { isIn, type Scene } from './scene.ts';
import classes from './sheet-view.module.css';

export interface SheetViewProps {
  drawing: Drawing;
  scene: Scene;
  chosenState: string | null;
  /** States that an anomaly was told of just now. */
  alarmed: ReadonlySet<string>;
  onState: (path: string) => void;
}

/** One drawing with the actors in it. The drawing is put in once; what moves are classes and counts. */
export function SheetView({ drawing, scene, chosenState, alarmed, onState }: SheetViewProps) {
  const frame = useRef<HTMLDivElement>(null);
  const html = useMemo(() => ({ __html: drawing.svg }), [drawing]);
  useEffect(() => {
    if (frame.current) makeStatesButtons(frame.current);
  }, [html]);
  useEffect(() => {
    if (frame.current) showActors(frame.current, drawing.chart, scene, chosenState, alarmed);
  }, [html, drawing, scene, chosenState, alarmed]);
  const choose = (target: EventTarget): void => {
    const group = (target as Element).closest<SVGGElement>('[data-state]');
    if (group?.dataset['state']) onState(group.dataset['state']);
  };
  return (
    // The states inside are the buttons; clicks and keys are heard on their way up.
    <div
      ref={frame}
      className={classes['sheet']}
      role="group"
      aria-label={TEXTS.machines.drawing(drawing.chart, drawing.scope)}
      onClick={(event) => choose(event.target)}
      onKeyDown={(event) => {
        if (event.key === 'Enter' || event.key === ' ') choose(event.target);
      }}
      dangerouslySetInnerHTML={html}
    />
  );
}

const statesIn = (frame: Element): NodeListOf<SVGGElement> =>
  frame.querySelectorAll('[data-state]');

function makeStatesButtons(frame: Element): void {
  for (const group of statesIn(frame)) {
    group.setAttribute('role', 'button');
    group.setAttribute('tabindex', '0');
    const badge = document.createElementNS('http://www.w3.org/2000/svg', 'g');
    badge.setAttribute('class', 'badge');
    const box = group.getBBox();
    const circle = document.createElementNS(badge.namespaceURI, 'circle');
    const text = document.createElementNS(badge.namespaceURI, 'text');
    for (const [name, value] of [
      ['cx', box.x + box.width],
      ['cy', box.y],
      ['r', 9],
    ] as const)
      circle.setAttribute(name, String(value));
    text.setAttribute('x', String(box.x + box.width));
    text.setAttribute('y', String(box.y + 3.5));
    text.setAttribute('text-anchor', 'middle');
    text.setAttribute('font-size', '10');
    badge.append(circle, text);
    group.append(badge);
  }
}

function showActors(
  frame: Element,
  chart: ChartName,
  { figures, taken, walked }: Scene,
  chosenState: string | null,
  alarmed: ReadonlySet<string>,
): void {
  for (const group of statesIn(frame)) {
    const path = group.dataset['state'] ?? '';
    const count = figures.filter((one) => one.chart === chart && isIn(one.state, path)).length;
    group.classList.toggle('occupied', count > 0);
    group.classList.toggle('chosen', path === chosenState);
    group.classList.toggle(
      'alarmed',
      [...alarmed].some((state) => isIn(state, path)),
    );
    group.setAttribute('aria-label', TEXTS.machines.stateCount(path, count));
    const text = group.querySelector(':scope > .badge > text');
    if (text) text.textContent = String(count);
  }
  for (const line of frame.querySelectorAll<SVGGElement>('[data-arrows]')) {
    const ids = (line.dataset['arrows'] ?? '').split(' ').map((id) => `${chart} ${id}`);
    line.classList.toggle(
      'taken',
      ids.some((id) => taken.has(id)),
    );
    line.classList.toggle(
      'walked',
      ids.some((id) => walked.has(id)),
    );
  }
}
