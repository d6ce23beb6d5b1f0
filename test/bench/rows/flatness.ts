import { inFolder } from '../folder.ts';
import { atLeast, ratio, type Row } from '../result.ts';
import { autoConnect, endAll, line, of, race, type Racer } from './turns.ts';

/** Whether a webhook costs the same however many sessions are alive. */
export const flatness: Row = {
  name: 'flatness',
  run: (effort) =>
    inFolder(async (file) => {
      const sizes = effort.isQuick ? [1, 100, 1000] : [1, 100, 1000, 10_000];
      const racers: Racer[] = [];
      for (const size of sizes) {
        const name = `${size.toLocaleString('en')} sessions of 3 calls`;
        racers.push(await autoConnect(name, file(`${size}.db`), size));
      }
      await race(racers, effort);
      const [one, most] = [racers[0], racers.at(-1)];
      if (!one || !most) throw new Error('no sizes');
      const rate = ratio(of(most, 'perSecond'), of(one, 'perSecond'));
      await endAll(racers);
      const wanted = `${sizes.at(-1)?.toLocaleString('en')} sessions ≥ 0.8 of 1`;
      return {
        row: 'flatness',
        notes: ['The requests of the row webhook, over all sessions in turn.'],
        lines: racers.map(line),
        aims: [atLeast(wanted, 0.8, rate)],
      };
    }),
};
