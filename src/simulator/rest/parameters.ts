import { RestError } from './rest-error.ts';

/** One parameter of a REST request: how its value must look, and the code that answers a bad one. */
export interface ParameterRule {
  readonly code: number;
  /** Null when good, else what would be. */
  readonly problem: (value: string) => string | null;
  readonly isRepeatable?: boolean;
}

export type ParameterTable = Readonly<Record<string, ParameterRule>>;

const good = (): null => null;

export const text = (code = 20_422, charactersMax = Infinity): ParameterRule => ({
  code,
  problem: (value) =>
    value.length <= charactersMax ? null : `at most ${charactersMax} characters`,
});
export const any: ParameterRule = { code: 20_422, problem: good };
export const url = (code = 21_205): ParameterRule => ({
  code,
  problem: (value) =>
    URL.canParse(value) && /^https?:/i.test(value) ? null : 'an absolute http(s) URL',
});
export const method = (code = 21_209): ParameterRule => ({
  code,
  problem: (value) => (/^(get|post)$/i.test(value) ? null : 'GET or POST'),
});
export const integer = (min: number, max: number, code = 20_422): ParameterRule => ({
  code,
  problem: (value) =>
    /^\d+$/.test(value) && +value >= min && +value <= max ? null : `a number from ${min} to ${max}`,
});
export const boolean = (code = 20_422): ParameterRule => ({
  code,
  problem: (value) => (/^(true|false)$/i.test(value) ? null : 'true or false'),
});
export const oneOf = (values: readonly string[], code = 20_422): ParameterRule => ({
  code,
  problem: (value) => (values.includes(value) ? null : `one of ${values.join(', ')}`),
});
export const someOf = (values: readonly string[], code = 20_422): ParameterRule => ({
  ...oneOf(values, code),
  isRepeatable: true,
});
export const matching = (pattern: RegExp, what: string, code = 20_422): ParameterRule => ({
  code,
  problem: (value) => (pattern.test(value) ? null : what),
});

/** The parameters of a request, read with the resource's table. */
export class Parameters {
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(values: ReadonlyMap<string, readonly string[]>) {
    this.#values = values;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  get(name: string): string | undefined {
    return this.#values.get(name)?.[0];
  }

  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  number(name: string): number | undefined {
    const value = this.get(name);
    return value === undefined ? undefined : Number(value);
  }

  boolean(name: string): boolean | undefined {
    const value = this.get(name);
    return value === undefined ? undefined : value.toLowerCase() === 'true';
  }

  method(name: string): 'GET' | 'POST' {
    return this.get(name)?.toUpperCase() === 'GET' ? 'GET' : 'POST';
  }
}

/**
 * Checks a request against the resource's table. Twilio ignores what it does not know, which is how a misspelt
 * `statusEvents` once went unnoticed for a year; strict mode answers it with 20001 and the name that was meant.
 */
export function readParameters(
  given: URLSearchParams,
  table: ParameterTable,
  isStrict: boolean,
): Parameters {
  const values = new Map<string, string[]>();
  for (const [name, value] of given) {
    const rule = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!rule) {
      if (isStrict) throw new RestError(20_001, unknownParameter(name, Object.keys(table)));
      continue;
    }
    const known = values.get(name);
    if (known && !rule.isRepeatable && isStrict)
      throw new RestError(20_001, `Parameter ${name} is given twice`);
    const problem = rule.problem(value);
    if (problem !== null)
      throw new RestError(rule.code, `${name} '${value}' is not valid: it must be ${problem}`);
    if (known) known.push(value);
    else values.set(name, [value]);
  }
  return new Parameters(values);
}

function unknownParameter(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return `Unknown parameter ${name}${nearest === null ? '' : `: did you mean ${nearest}?`}`;
}

/** The known name that was most likely meant; null when none is near. */
function nearestName(name: string, known: readonly string[]): string | null {
  let nearest: string | null = null;
  let nearestCost = Infinity;
  for (const candidate of known) {
    const cost = meantCost(name.toLowerCase(), candidate.toLowerCase());
    if (cost < nearestCost) [nearest, nearestCost] = [candidate, cost];
  }
  return nearestCost <= 0.5 ? nearest : null;
}

/**
 * Edit distance in proportion to length, halved when every word of the wrong name is in the right one: `StatusEvents` is
 * nearer to `StatusCallbackEvent` than to `StatusCallback`.
 */
function meantCost(wrong: string, right: string): number {
  const distance = editDistance(wrong, right) / Math.max(wrong.length, right.length);
  return isSubsequence(wrong.replace(/s$/, ''), right) ? distance / 2 : distance;
}

function isSubsequence(short: string, long: string): boolean {
  let at = 0;
  for (const character of long) if (character === short[at]) at += 1;
  return at === short.length;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const substitution = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(previous[column]! + 1, current[column - 1]! + 1, substitution));
    }
    previous = current;
  }
  return previous[b.length]!;
}
