import type { IState, IStateMachine, ITransition } from 'state-machine-cat';
import { around, type Arrow, type Chart, type ChartState } from './chart.ts';
import { labelOf, triggerOf } from './labels.ts';
import { dress } from './svg-dress.ts';

/** A part of a chart on one sheet. */
export interface Sheet {
  /** `overview`, or the path of the compound state that is drawn with everything in it. */
  scope: string;
  /** Direction in which the happy path reads. */
  direction: 'left-right' | 'top-down';
}

/** Arrows between the same two states of a sheet are one line with a label of several lines. */
export interface Line {
  from: string;
  to: string;
  arrows: readonly Arrow[];
}

/** A label longer than this many lines hides the chart behind its own words; the tables have the rest. */
const LABEL_LINES_MAX = 7;

/** Where the arrows of the root begin: they hold in every state that does not answer the event itself. */
const ANYWHERE = 'in any state';

const stubOf = (path: string): string => `to ${path}`;

/** Draws a sheet as SVG whose groups carry `data-state` and `data-arrows`. */
export async function drawSheet(chart: Chart, sheet: Sheet): Promise<string> {
  const { render } = await import('state-machine-cat'); // Large, and wanted for drawings only.
  const shown = shownStates(chart, sheet.scope);
  const lines = linesOf(chart, sheet.scope, shown);
  const svg = await render(machineOf(chart, sheet.scope, shown, lines), {
    inputType: 'json',
    outputType: 'svg',
    direction: sheet.direction,
    noDotNativeWarning: true,
    dotGraphAttrs: [
      { name: 'nodesep', value: '0.35' },
      { name: 'ranksep', value: '0.45' },
      { name: 'bgcolor', value: 'transparent' },
    ],
  });
  return dress(svg, lines);
}

/** The states of a sheet: an overview shows two levels, a detail everything in its state. */
export function shownStates(chart: Chart, scope: string): ReadonlyMap<string, ChartState> {
  const isShown = ({ path }: ChartState): boolean => {
    if (path === '') return false;
    return scope === 'overview'
      ? !path.includes('.')
      : path === scope || path.startsWith(`${scope}.`);
  };
  return new Map([...chart.states].filter(([, state]) => isShown(state)));
}

/** Where an end of an arrow is on a sheet: itself, the state around it that is drawn, or a stub at the edge. */
function endOn(
  chart: Chart,
  shown: ReadonlyMap<string, ChartState>,
  path: string,
): { at: string; isStub: boolean } {
  const drawn = around(chart, path).find((state) => shown.has(state.path));
  return drawn ? { at: drawn.path, isStub: false } : { at: stubOf(path), isStub: true };
}

export function linesOf(
  chart: Chart,
  scope: string,
  shown: ReadonlyMap<string, ChartState>,
): Line[] {
  const lines = new Map<string, { from: string; to: string; arrows: Arrow[] }>();
  for (const arrow of [...chart.states.values()].flatMap(({ arrows }) => arrows)) {
    if (arrow.to === null || (arrow.from === '' && scope !== 'overview')) continue;
    const from =
      arrow.from === '' ? { at: ANYWHERE, isStub: false } : endOn(chart, shown, arrow.from);
    const to = endOn(chart, shown, arrow.to);
    const isInside = from.at === to.at && arrow.from !== arrow.to && scope === 'overview';
    if ((from.isStub && to.isStub) || isInside || from.isStub) continue;
    const key = `${from.at} ${to.at}`;
    const line = lines.get(key) ?? { from: from.at, to: to.at, arrows: [] };
    line.arrows.push(arrow);
    lines.set(key, line);
  }
  return [...lines.values()];
}

function machineOf(
  chart: Chart,
  scope: string,
  shown: ReadonlyMap<string, ChartState>,
  lines: readonly Line[],
): IStateMachine {
  const top = [...shown.values()].filter(({ parent }) => !shown.has(parent ?? ''));
  const ends = new Set(lines.flatMap(({ from, to }) => [from, to]));
  const stubs = [...ends].filter((end) => end === ANYWHERE || end.startsWith('to '));
  const start = scope === 'overview' ? (chart.states.get('')?.initial ?? null) : null;
  return {
    states: [
      ...(start === null ? [] : [{ name: 'start', type: 'initial' as const }]),
      ...top.map((state) => stateOf(state, shown)),
      ...stubs.map((name) => ({ name, label: name, type: 'regular' as const, class: 'stub' })),
    ],
    transitions: [
      ...(start === null ? [] : [{ id: 0, from: 'start', to: start }]),
      ...[...shown.values()].flatMap((state) => startOf(state, shown)),
      ...lines.map((line, index) => transitionOf(line, index, scope)),
    ],
  };
}

function stateOf(state: ChartState, shown: ReadonlyMap<string, ChartState>): IState {
  const inner = state.children.flatMap((path) => shown.get(path) ?? []);
  const base = { name: state.path, label: state.key, type: 'regular' as const };
  const twiml = state.tags.filter((tag) => tag.startsWith('twiml.'));
  const actions = twiml.map((body) => ({ type: 'activity' as const, body }));
  const classes = [state.isFinal ? 'final' : null, inner.length === 0 ? 'leaf' : 'compound'];
  const named = { ...base, class: classes.filter(Boolean).join(' ') };
  if (inner.length === 0) return actions.length > 0 ? { ...named, actions } : named;
  return {
    ...named,
    statemachine: {
      states: [
        { name: `${state.path} start`, type: 'initial' },
        ...inner.map((child) => stateOf(child, shown)),
      ],
    },
  };
}

function startOf(state: ChartState, shown: ReadonlyMap<string, ChartState>): ITransition[] {
  if (state.initial === null || !shown.has(state.initial)) return [];
  return [{ id: 1000 + state.path.length, from: `${state.path} start`, to: state.initial }];
}

function transitionOf({ from, to, arrows }: Line, index: number, scope: string): ITransition {
  const words = arrows.map((arrow) => (scope === 'overview' ? triggerOf(arrow) : labelOf(arrow)));
  const all = [...new Set(words)];
  const kept = all.slice(0, LABEL_LINES_MAX);
  if (all.length > kept.length) kept.push(`and ${all.length - kept.length} more`);
  return { id: index + 1, from, to, label: kept.join('\n') };
}
