import type { Chart } from './chart.ts';
import type { Sheet } from './drawing.ts';

/** One sheet of the outermost states, and one for each of them that has states in it: a whole chart is too dense to read. */
export function sheetsOf(chart: Chart): Sheet[] {
  const compound = [...chart.states.values()].filter(
    ({ parent, children }) => parent === '' && children.length > 0,
  );
  return [
    { scope: 'overview', direction: 'left-right' },
    ...compound.map(({ path, children }): Sheet => {
      const isDeep = children.some((child) => chart.states.get(child)?.initial !== null);
      return { scope: path, direction: isDeep ? 'top-down' : 'left-right' };
    }),
  ];
}

/** `outbound-call.svg`, `outbound-call.dialing.svg` */
export const sheetFile = (name: string, scope: string): string =>
  scope === 'overview' ? `${name}.svg` : `${name}.${scope}.svg`;
