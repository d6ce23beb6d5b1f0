import type { Chart, ChartState } from './chart.ts';
import { labelOf } from './labels.ts';

const idOf = (path: string): string => path.replaceAll('.', '_');

/** The whole chart as a Mermaid `stateDiagram-v2`; what is taken without leaving a state is in the tables. */
export function toMermaid(chart: Chart): string {
  const root = chart.states.get('');
  const arrows = [...chart.states.values()].flatMap((state) => state.arrows);
  return [
    'stateDiagram-v2',
    ...(root ? inside(chart, root, '  ') : []),
    ...arrows.flatMap((arrow) => {
      // Mermaid has no arrow from the whole diagram: those of the root start where the diagram does.
      const from = arrow.from === '' ? null : idOf(arrow.from);
      if (arrow.to === null || from === null) return [];
      return `  ${from} --> ${idOf(arrow.to)}: ${labelOf(arrow)}`;
    }),
    ...rootNotes(arrows.filter(({ from, to }) => from === '' && to !== null)),
  ].join('\n');
}

function inside(chart: Chart, state: ChartState, indent: string): string[] {
  const children = state.children.flatMap((path) => chart.states.get(path) ?? []);
  return [
    ...(state.initial === null ? [] : [`${indent}[*] --> ${idOf(state.initial)}`]),
    ...children.flatMap((child) => {
      const name = `${indent}state "${child.key}" as ${idOf(child.path)}`;
      const end = child.isFinal ? [`${indent}${idOf(child.path)} --> [*]`] : [];
      return child.children.length === 0
        ? [name, ...end]
        : [`${name} {`, ...inside(chart, child, `${indent}  `), `${indent}}`];
    }),
  ];
}

/** Arrows that hold in every state are a note at their target: `in any state: agent.signOut`. */
function rootNotes(arrows: readonly { to: string | null }[]): string[] {
  const byTarget = new Map<string, string[]>();
  for (const arrow of arrows as Parameters<typeof labelOf>[0][]) {
    const to = idOf(arrow.to ?? '');
    byTarget.set(to, [...(byTarget.get(to) ?? []), labelOf(arrow)]);
  }
  return [...byTarget].flatMap(([to, labels]) => [
    `  note right of ${to}`,
    `    from any state: ${labels.join(', ')}`,
    '  end note',
  ]);
}
