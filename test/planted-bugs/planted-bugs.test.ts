import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hunt, huntUnchanged, unplantable } from './hunt.ts';
import { plantedBugs, type PlantedBug } from './planted-bug.ts';

const bugs = plantedBugs();

function named(name: string): PlantedBug {
  const bug = bugs.find((each) => each.name === name);
  if (!bug) throw new Error(`no patch ${name}`);
  return bug;
}

test('at least 25 bugs that somebody really had are kept as patches', () => {
  expect(bugs.length).toBeGreaterThanOrEqual(25);
});

test('every bug that is kept can be planted in the source as it is', async () => {
  expect(await unplantable(bugs)).toEqual([]);
});

test.for([
  ['register-after-await', 'L10'],
  ['second-dial-not-issued', 'L10'],
  ['dial-action-dedupe-dropped', 'S8'],
] as const)(
  '%s is caught, and the same source without it is not',
  { timeout: 60_000 },
  async ([name, id]) => {
    const bug = named(name);
    const found = await hunt(bug);
    expect(found).toMatchObject({ kind: 'caught', tool: 'explorer' });
    if (found.kind !== 'caught') return;
    expect(found.invariant).toMatch(new RegExp(`^${id}: `));
    expect(found.after).toBeLessThanOrEqual(bug.within ?? 200);
    expect(await huntUnchanged(bug)).toMatchObject({
      kind: 'missed',
      reason: expect.stringMatching(/every one$/),
    });
  },
);

test('a patch that does not apply any more is told by name, and counts as missed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'planted-bug-test-'));
  try {
    const file = join(folder, 'stale.patch');
    const hunk = '@@ -1,1 +1,1 @@\n-no such line\n+another\n';
    writeFileSync(file, `--- a/src/main.ts\n+++ b/src/main.ts\n${hunk}`);
    const found = await hunt({ explore: ['--leads', '1'], simulate: [], file });
    expect(found.kind).toBe('missed');
    expect(found).toHaveProperty('reason', expect.stringContaining('does not apply'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
