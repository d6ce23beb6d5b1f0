import { SETTINGS_OF_DEADLINES, TWIML_OF_TAGS, type CataloguedChart } from './catalogue.ts';
import { around, leavesOf, type Arrow, type Chart, type ChartState } from './chart.ts';
import { spokenTime } from './deadline.ts';
import type { Deed } from './deeds.ts';
import type { Ignored } from './ignored.ts';
import { deedText, triggerOf } from './labels.ts';
import { toMermaid } from './mermaid.ts';
import { sheetFile, sheetsOf } from './sheets.ts';

/** The page of one chart, whole: `docs/machines/NAME.md`. */
export function toPage({ name, purpose, chart, ignored }: CataloguedChart): string {
  const states = [...chart.states.values()].filter(({ path }) => path !== '');
  const root = chart.states.get('');
  return [
    `# ${chart.id}`,
    `<!-- Written by \`npm run docs:machines\` from machines/${name}.ts: do not edit. -->`,
    purpose,
    `Source: [\`machines/${name}.ts\`](../../machines/${name}.ts). How to open it in the Stately tools: [README](README.md).`,
    '## Drawn',
    ...sheetsOf(chart).map(({ scope }) => {
      const what = scope === 'overview' ? 'the outermost states' : `inside \`${scope}\``;
      return `${capital(what)}:\n\n![${chart.id}: ${what}](${sheetFile(name, scope)})`;
    }),
    '## As Mermaid',
    `\`\`\`mermaid\n${toMermaid(chart)}\n\`\`\``,
    '## In any state',
    root ? stateBody(chart, root, []) : '',
    '## State by state',
    ...states.map((state) => `### \`${state.path}\`\n\n${stateBody(chart, state, ignored)}`),
  ]
    .join('\n\n')
    .concat('\n');
}

function stateBody(chart: Chart, state: ChartState, ignored: readonly Ignored[]): string {
  return [state.why, factsOf(chart, state), arrowTable(state), ignoredList(chart, state, ignored)]
    .filter((part) => part !== null && part !== '')
    .join('\n\n');
}

function factsOf(chart: Chart, state: ChartState): string {
  const tags = around(chart, state.path).flatMap(({ tags: own }) => own);
  const twiml = tags.flatMap((tag) => TWIML_OF_TAGS[tag] ?? []);
  const deadlines = state.arrows.flatMap(({ deadline }) => deadline ?? []);
  const effects = state.entry.map(deedWords);
  const inherited = around(chart, state.path)
    .slice(1)
    .filter(({ arrows }) => arrows.length > 0);
  return [
    twiml.length > 0 && state.path !== '' ? `- TwiML: ${twiml[0]}` : null,
    ...[...new Map(deadlines.map((deadline) => [deadline.name, deadline])).values()].map(
      ({ name, ms }) => `- Deadline: \`${name}\`, ${spokenTime(ms)}${settingOf(name)}`,
    ),
    effects.length > 0 ? `- On entry: ${effects.join('; ')}` : null,
    state.initial === null ? null : `- Starts in \`${state.initial}\``,
    state.isFinal ? '- Final' : null,
    inherited.length > 0 && state.path !== ''
      ? `- Also takes what is taken ${inherited.map(({ path }) => (path === '' ? '[in any state](#in-any-state)' : `in \`${path}\``)).join(', ')}`
      : null,
  ]
    .filter((line) => line !== null)
    .join('\n');
}

const settingOf = (name: string): string => {
  const setting = SETTINGS_OF_DEADLINES[name];
  return setting ? ` (\`${setting}\`)` : '';
};

function arrowTable({ arrows }: ChartState): string | null {
  if (arrows.length === 0) return null;
  return [
    '| event | only if | goes to | does | why |',
    '|---|---|---|---|---|',
    ...arrows.map((arrow) =>
      [
        code(triggerOf(arrow)),
        arrow.guard === null ? '' : code(arrow.guard),
        targetOf(arrow),
        arrow.deeds.map(deedWords).join('; '),
        arrow.why ?? '',
      ]
        .map((cell) => ` ${cell.replaceAll('|', '\\|').replaceAll('<', '&lt;')} `)
        .join('|')
        .replace(/^/, '|')
        .concat('|'),
    ),
  ].join('\n');
}

function targetOf(arrow: Arrow): string {
  if (arrow.to !== null) return code(arrow.to);
  return arrow.deeds.length === 0 ? 'ignored on purpose' : 'stays';
}

function deedWords(deed: Deed): string {
  const text = deedText(deed);
  if (text !== null) return deed.kind === 'order' ? `**${text}**` : text;
  return deed.kind === 'note' ? code(deed.action) : '';
}

/** What no arrow takes, in a leaf; with the reason that the list of the tests gives. */
function ignoredList(chart: Chart, state: ChartState, ignored: readonly Ignored[]): string | null {
  if (state.children.length > 0 || state.isFinal) return null;
  const lines = ignoredIn(chart, state, ignored).map(
    ({ events, why }) => `- ${events.map(code).join(', ')}: ${why}`,
  );
  return lines.length === 0 ? null : ['Ignored on purpose:', '', ...lines].join('\n');
}

export function ignoredIn(
  chart: Chart,
  state: ChartState,
  ignored: readonly Ignored[],
): { events: string[]; why: string }[] {
  const taken = new Set(
    around(chart, state.path).flatMap(({ arrows }) => arrows.map(({ event }) => event)),
  );
  return ignored
    .filter((rule) => rule.in.some((prefix) => state.path.startsWith(prefix)))
    .map(({ events, why }) => ({ events: events.filter((event) => !taken.has(event)), why }))
    .filter(({ events }) => events.length > 0);
}

/** Leaves and arrows that nobody has put into words yet, by name. */
export function undescribed(chart: Chart): string[] {
  const states = [...chart.states.values()].filter(({ path, why }) => path !== '' && why === null);
  const leaves = new Set(leavesOf(chart).map(({ path }) => path));
  const decisions = [...chart.states.values()].flatMap(({ arrows }) =>
    arrows.filter((arrow) => isDecision(arrow, arrows) && arrow.why === null),
  );
  return [
    ...states.map(({ path }) => `${leaves.has(path) ? 'state' : 'compound state'} ${path}`),
    ...decisions.map(({ id }) => `arrow ${id}`),
  ];
}

/** An arrow embodies a decision where a guard chose it, or where it is what the guards left over, or where time did. */
const isDecision = (arrow: Arrow, beside: readonly Arrow[]): boolean =>
  arrow.guard !== null ||
  arrow.deadline !== null ||
  beside.filter(({ event }) => event !== null && event === arrow.event).length > 1;

const code = (text: string): string => `\`${text}\``;
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
