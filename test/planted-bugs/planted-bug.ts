import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

/** A bug that somebody really had, as a patch of this repository with a few lines of words above it. */
export interface PlantedBug {
  name: string;
  /** What is wrong. */
  bug: string;
  /** Arguments of `explore`; null for a bug that lies outside of what the explorer runs. */
  explore: readonly string[] | null;
  /** Arguments of `simulate`, where other shifts than the usual ones find it sooner. */
  simulate: readonly string[];
  /** It must be found after no more states or seeds than this. */
  within: number | null;
  /** Path of the patch. */
  file: string;
}

export function plantedBugs(): PlantedBug[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.patch'))
    .toSorted()
    .map((file) => readPatch(file.slice(0, -'.patch'.length), `${FOLDER}${file}`));
}

function readPatch(name: string, file: string): PlantedBug {
  const [words = ''] = readFileSync(file, 'utf8').split('\n--- ', 1);
  const field = (key: string): string | null =>
    words.match(new RegExp(`^${key}: (.+)$`, 'm'))?.[1] ?? null;
  const bug = field('Bug');
  if (bug === null || field('Known from') === null) {
    throw new Error(`${name}: expected the lines "Bug: …" and "Known from: …" above the patch`);
  }
  const within = field('Within');
  return {
    name,
    bug,
    explore: field('Explore')?.split(' ') ?? null,
    simulate: field('Simulate')?.split(' ') ?? [],
    within: within === null ? null : Number(within),
    file,
  };
}
