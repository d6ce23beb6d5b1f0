import { around, type Arrow, type Chart } from '../charts/chart.ts';

/** More arrows than this are not taken in one turn: answered, claimed, granted. */
const ARROWS_MAX = 4;

/** Events that actors send each other, or themselves, in the turn of another. */
const isInner = ({ event }: Arrow): boolean =>
  event === null || /^(claim|call|talk|xstate)\./.test(event);

/**
 * The arrows that lead from one leaf to another in one turn, the first of them by this event; the shortest way, or none.
 * For a single session `Trace` knows better: it sees the actors take them.
 */
export function arrowsBetween(
  chart: Chart,
  from: string,
  to: string,
  event: string | null,
): string[] {
  let ways: { at: string; arrows: Arrow[] }[] = [{ at: from, arrows: [] }];
  for (let count = 0; count < ARROWS_MAX; count++) {
    ways = ways.flatMap(({ at, arrows }) =>
      leaving(chart, at)
        .filter((arrow) => (count === 0 && event !== null ? arrow.event === event : isInner(arrow)))
        .map((arrow) => ({ at: leafIn(chart, arrow.to ?? ''), arrows: [...arrows, arrow] })),
    );
    const found = ways.find(({ at }) => at === to);
    if (found) return found.arrows.map(({ id }) => id);
  }
  return [];
}

const leaving = (chart: Chart, path: string): Arrow[] =>
  around(chart, path).flatMap(({ arrows }) => arrows.filter((arrow) => arrow.to !== null));

/** The leaf that is entered with a state. */
function leafIn(chart: Chart, path: string): string {
  const initial = chart.states.get(path)?.initial ?? null;
  return initial === null ? path : leafIn(chart, initial);
}
