import type { Line } from './drawing.ts';

/** Colours of a sheet that stands alone, in a file; on the page its own style sheet rules. */
const STYLE = `<style>
svg { --ground: #fff; color: #17212b; background: var(--ground); font-family: Helvetica, Arial, "Liberation Sans", sans-serif; }
text { fill: currentColor; }
.arrow text { paint-order: stroke; stroke: var(--ground); stroke-width: 3px; }
.stub { opacity: 0.7; }
@media (prefers-color-scheme: dark) { svg { --ground: #182027; color: #e3e8ed; } }
</style>`;

/** Graphviz measures Helvetica; the font at hand may be wider. */
const FONT_SCALE = 0.9;

/**
 * Makes Graphviz's output ours: its black and white become the colours around it, and groups say which state or
 * which arrows they are.
 */
export function dress(svg: string, lines: readonly Line[]): string {
  const byTitle = new Map(lines.map(({ from, to, arrows }) => [`${from}->${to}`, arrows]));
  return svg
    .replace(/^[\s\S]*?<svg/, '<svg')
    .replaceAll(/<!--[\s\S]*?-->\n?/g, '')
    .replace(/(<svg[^>]*>)/, `$1\n${STYLE}`)
    .replaceAll(/fill="#ffffff" fill-opacity="0.003922"/g, 'class="ground" fill="transparent"')
    .replaceAll(/(fill|stroke)="black"/g, '$1="currentColor"')
    .replaceAll(/<text xml:space="preserve"/g, '<text')
    .replaceAll(/(?:\s|&#160;)+<\/text>/g, '</text>')
    .replaceAll(/ font-family="[^"]*"/g, '')
    .replaceAll(
      /font-size="([\d.]+)"/g,
      (_, size: string) => `font-size="${Number(size) * FONT_SCALE}"`,
    )
    .replaceAll(
      /<g id="[^"]*" class="(node|cluster|edge)([^"]*)">\n<title>([^<]*)<\/title>/g,
      (_, kind: string, classes: string, title: string) => {
        const name = title
          .replaceAll('&#45;', '-')
          .replaceAll('&gt;', '>')
          .replace(/^cluster_/, '');
        if (kind === 'edge') {
          const ids = (byTitle.get(name) ?? []).map(({ id }) => id).join(' ');
          return `<g class="arrow" data-arrows="${ids}">`;
        }
        const isState = !name.endsWith('start') && !/^(to|in) /.test(name);
        const words = [
          'state',
          ...classes.split(' ').filter((word) => !['', 'state', 'regular'].includes(word)),
        ];
        return `<g class="${words.join(' ')}"${isState ? ` data-state="${name}"` : ''}>`;
      },
    );
}
