/* oxlint-disable import/no-unassigned-import -- a style sheet is imported for its effect */
import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import type { Floor } from '../protocol/messages.ts';
import classes from './floor-page.module.css';
import { TEXTS } from './texts.ts';

const T = TEXTS.floor;
const HEIGHT_PX = 150;
const PERCENT = 100;

/** The last two hours, in steps of five minutes. */
export function FloorCharts({ history }: { history: Floor['history'] }) {
  const answered = history.reduce((sum, stretch) => sum + stretch.answered, 0);
  const abandoned = history.reduce((sum, stretch) => sum + stretch.abandoned, 0);
  const share = answered === 0 ? null : (abandoned / answered) * PERCENT;
  const longest = Math.max(...history.map(({ waitedMostMs }) => waitedMostMs ?? 0));
  return (
    <div className={classes['charts']}>
      <Chart
        title={T.waited}
        summary={answered === 0 ? T.noneEnded : T.waitedMost(longest / 1000)}
        unit="s"
        at={history.map(({ at }) => at)}
        series={[
          {
            label: T.mean,
            values: history.map(({ waitedMs }) => seconds(waitedMs)),
            mark: 'talk',
          },
          {
            label: T.most,
            values: history.map(({ waitedMostMs }) => seconds(waitedMostMs)),
            mark: 'idle',
          },
        ]}
      />
      <Chart
        title={T.abandoned}
        summary={share === null ? T.noneEnded : T.abandonedOf(abandoned, answered, share)}
        unit="%"
        at={history.map(({ at }) => at)}
        series={[
          {
            label: T.abandonedShare,
            values: history.map((stretch) =>
              stretch.answered === 0 ? null : (stretch.abandoned / stretch.answered) * PERCENT,
            ),
            mark: 'trouble',
          },
        ]}
      />
    </div>
  );
}

const seconds = (ms: number | null): number | null => (ms === null ? null : ms / 1000);

type Line = Pick<ChartProps['series'][number], 'label' | 'mark'>;
type Mark = 'talk' | 'idle' | 'trouble';

interface ChartProps {
  title: string;
  summary: string;
  unit: string;
  at: number[];
  /** `mark` names the colour: `--ac-…` of the theme. */
  series: { label: string; values: (number | null)[]; mark: Mark }[];
}

/** A drawing for the eye; what it says stands above it in words. */
function Chart({ title, summary, unit, at, series }: ChartProps) {
  const { ref, width } = useElementSize();
  const place = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme('light');
  const data = JSON.stringify([
    at.map((each) => each / 1000),
    ...series.map(({ values }) => values),
  ]);
  const looks = JSON.stringify(series.map(({ label, mark }) => ({ label, mark })));
  useEffect(() => {
    if (place.current === null || width === 0) return;
    const lines = JSON.parse(looks) as Line[];
    const plot = new uPlot(
      optionsOf(width, unit, lines),
      JSON.parse(data) as uPlot.AlignedData,
      place.current,
    );
    return () => plot.destroy();
  }, [data, looks, unit, width, scheme]);
  return (
    <section className={classes['chart']} aria-label={title}>
      <h2 className={classes['chartTitle']}>{title}</h2>
      <p className={classes['summary']}>{summary}</p>
      {series.length > 1 && <Legend series={series} />}
      <div ref={ref}>
        <div ref={place} className={classes['drawing']} aria-hidden="true" />
      </div>
    </section>
  );
}

function Legend({ series }: Pick<ChartProps, 'series'>) {
  return (
    <ul className={classes['legend']}>
      {series.map(({ label, mark }) => (
        <li key={label} data-mark={mark}>
          {label}
        </li>
      ))}
    </ul>
  );
}

function optionsOf(width: number, unit: string, lines: Line[]): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const axis = { stroke: colour('--mantine-color-dimmed'), grid: { stroke: colour('--ac-line') } };
  return {
    width,
    height: HEIGHT_PX,
    // The last time on the axis reaches beyond its own mark.
    padding: [8, 28, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_plot, _least, most) => [0, Math.max(1, most * 1.1)] } },
    axes: [
      axis,
      { ...axis, size: 56, values: (_plot, ticks) => ticks.map((tick) => `${tick} ${unit}`) },
    ],
    series: [
      {},
      ...lines.map(({ label, mark }) => ({
        label,
        stroke: colour(`--ac-${mark}`),
        width: 2,
        spanGaps: true,
        points: { show: true, size: 5, fill: colour(`--ac-${mark}`) },
      })),
    ],
  };
}
