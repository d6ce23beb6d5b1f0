import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { deviations, readExpectation } from '../../src/replay/expectation.ts';
import { readRecording } from '../../src/replay/read-recording.ts';
import { judge, type Verdict } from '../../src/replay/verdict.ts';

const FOLDER = 'test/recordings';
const FORMATS = ['.ndjson', '.txt', '.har', '.json'];

/** A recording of test/recordings, by its name without the extension. */
export interface RecordingUnderTest {
  readonly name: string;
  readonly file: string;
  /** Runs it through the machines, for assertions of a test's own. */
  replay(): Promise<Verdict>;
}

/**
 * `await expect(recording('busy-lead')).toReplay()`: the machines break no invariant and decide as was accepted.
 * docs/replay.md shows how a raw log becomes such a test.
 */
export function recording(name: string): RecordingUnderTest {
  const found = files().filter((file) => withoutFormat(file) === name);
  const [file] = found;
  if (file === undefined || found.length > 1) {
    throw new Error(
      `${FOLDER} has ${found.length} recordings called ${name}; there are: ${recordings().join(', ')}`,
    );
  }
  const path = join(FOLDER, file);
  return { name, file: path, replay: async () => judge(await readRecording(path)) };
}

/** The names of all recordings. */
export const recordings = (): string[] => files().map(withoutFormat).toSorted();

const files = (): string[] =>
  readdirSync(FOLDER).filter(
    (file) => FORMATS.some((format) => file.endsWith(format)) && !file.endsWith('.expected.json'),
  );

const withoutFormat = (file: string): string => file.replace(/\.[^.]+$/, '');

async function faultsOf(under: RecordingUnderTest): Promise<string[]> {
  const verdict = await under.replay();
  const broken = verdict.breaks.filter(({ by }) => by === 'ours');
  const expected = await readExpectation(under.file);
  return [
    ...broken.map(({ invariant, detail }) => `breaks ${invariant}: ${detail}`),
    ...(expected
      ? deviations(expected, verdict)
      : [`has no expectation: npm run -s cli -- replay ${under.file} --accept`]),
  ];
}

expect.extend({
  async toReplay(received: RecordingUnderTest) {
    const faults = await faultsOf(received);
    return {
      pass: faults.length === 0,
      message: () =>
        faults.length === 0
          ? `${received.name} replays as accepted`
          : [`${received.name} does not replay as accepted:`, ...faults].join('\n  '),
    };
  },
});

declare module 'vitest' {
  // The type parameter is vitest's; declarations that are merged must agree in it.
  // oxlint-disable-next-line no-unused-vars
  interface Matchers<T> {
    /** Use with `await`. */
    toReplay(): Promise<void>;
  }
}
