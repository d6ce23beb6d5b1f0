import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { setTimeout as later } from 'node:timers/promises';
import { format } from 'node:util';
import { compileFunction } from 'node:vm';
import { INSTRUMENTER_CONSTANTS } from '@stryker-mutator/api/core';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  determineHitLimitReached,
  DryRunStatus,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import { expect } from 'vitest';

/** What `buildCommand` makes of quick-tests.ts and all that it imports, the changed files included. */
const BUNDLE = 'coverage/quick-tests.cjs';

/** A test that is quicker than this goes first with the next mutant when it has killed one. */
const QUICK_MS = 50;

const require = createRequire(import.meta.url);

/**
 * Runs the quick tests once for each mutant. Charts are built when their file is loaded, so every mutant wants everything
 * loaded anew: evaluating one bundle again does that in milliseconds, a start of vitest in seconds.
 */
class QuickRunner {
  #code = '';
  /** Errors that nobody caught; vitest fails for them too. */
  #uncaught = [];
  /** Ids of tests, who killed last first: neighbours tend to fall by the same test. */
  #killers = [];

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    this.#code = await readFile(BUNDLE, 'utf8');
    for (const name of ['uncaughtException', 'unhandledRejection']) {
      process.on(name, (error) => this.#uncaught.push(error));
    }
  }

  async dryRun() {
    const namespace = {};
    const tests = await this.#runAll(namespace, { wanted: () => true, bail: false });
    return { status: DryRunStatus.Complete, tests, mutantCoverage: namespace.mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit }) {
    const namespace = { activeMutant: activeMutant.id, hitCount: 0, hitLimit };
    const wanted = (id) => !testFilter || testFilter.includes(id);
    const tests = await this.#runAll(namespace, { wanted, bail: true });
    const killer = tests.find(({ status }) => status === TestStatus.Failed);
    if (killer && killer.timeSpentMs < QUICK_MS) {
      this.#killers = [killer.id, ...this.#killers.filter((id) => id !== killer.id)];
    }
    return toMutantRunResult(
      determineHitLimitReached(namespace.hitCount, hitLimit) ?? {
        status: DryRunStatus.Complete,
        tests,
      },
    );
  }

  async #runAll(namespace, { wanted, bail }) {
    this.#uncaught.length = 0;
    globalThis[INSTRUMENTER_CONSTANTS.NAMESPACE] = namespace;
    const results = [];
    try {
      const tests = load(this.#code).filter(({ id }) => wanted(id));
      for (const test of tests.toSorted((a, b) => this.#rank(a) - this.#rank(b))) {
        results.push(await run(test, namespace));
        if (bail && results.at(-1).status === TestStatus.Failed) break;
      }
    } catch (error) {
      results.push(failed('the files of the tests are loaded', error));
    }
    await later(1); // What is thrown outside of a test is thrown in a turn of its own.
    for (const error of this.#uncaught) results.push(failed('no error is left uncaught', error));
    return results;
  }

  #rank({ id }) {
    const place = this.#killers.indexOf(id);
    return place === -1 ? Number.MAX_SAFE_INTEGER : place;
  }
}

/** Evaluates the bundle, with as much of vitest as the quick tests use. */
function load(code) {
  const tests = [];
  const register = (name, body) => {
    tests.push({ id: `${tests.length} ${name}`, name, body });
  };
  const each = (spread) => (rows) => (name, body) => {
    for (const row of rows) {
      const values = spread && Array.isArray(row) ? row : [row];
      const shown = values.slice(0, name.split('%').length - 1);
      register(format(name, ...shown), () => body(...values));
    }
  };
  const vitest = {
    test: Object.assign(register, { each: each(true), for: each(false) }),
    expect,
    onTestFinished: (cleanUp) => cleanUps.push(cleanUp),
  };
  const ask = (name) => (name === 'vitest' ? vitest : require(name));
  compileFunction(code, ['require', 'exports', 'module'])(ask, {}, { exports: {} });
  return tests;
}

/** What the running test wants done when it is over. */
const cleanUps = [];

async function run({ id, name, body }, namespace) {
  namespace.currentTestId = id;
  const startedAt = performance.now();
  const result = await outcomeOf(name, body);
  namespace.currentTestId = undefined;
  return { ...result, id, timeSpentMs: performance.now() - startedAt };
}

async function outcomeOf(name, body) {
  cleanUps.length = 0;
  try {
    await body();
    for (const cleanUp of cleanUps) await cleanUp();
    return { name, status: TestStatus.Success };
  } catch (error) {
    return failed(name, error); // Without its cleaning up, which may wait for what no longer comes.
  }
}

const failed = (name, error) => ({
  id: name,
  name,
  status: TestStatus.Failed,
  timeSpentMs: 0,
  failureMessage: error instanceof Error ? error.message : format(error),
});

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'quick', QuickRunner)];
