/** The drawings of docs/machines, which a test keeps equal to the machines: the chart shown is the chart that runs. */
const FILES = import.meta.glob<string>('../../../docs/machines/*.svg', {
  query: '?raw',
  import: 'default',
  eager: true,
});

export type ChartName = 'agent-session' | 'outbound-call';
export interface Drawing {
  chart: ChartName;
  /** `overview`, or the state that is drawn from inside. */
  scope: string;
  svg: string;
}

/** On the page the style sheet of the page colours a drawing; the policy allows no other. */
const undressed = (svg: string): string => svg.replace(/<style>[\s\S]*?<\/style>\n?/, '');

export const DRAWINGS: readonly Drawing[] = Object.entries(FILES).flatMap(([path, svg]) => {
  const [, name, scope = 'overview'] = /([a-z-]+)(?:\.(\w+))?\.svg$/.exec(path) ?? [];
  return name === 'agent-session' || name === 'outbound-call'
    ? { chart: name, scope, svg: undressed(svg) }
    : [];
});

export const scopesOf = (chart: ChartName): string[] => [
  'overview',
  ...DRAWINGS.filter((one) => one.chart === chart && one.scope !== 'overview').map(
    ({ scope }) => scope,
  ),
];
