/** Refuses an object with a key that means nothing: a misspelt setting must not pass for a default. */
export function checkKeys(what: string, given: object, known: readonly string[]): void {
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  throw new UnknownKeyError(`${what} has no ${unknown}; it may have ${known.join(', ')}`);
}

export class UnknownKeyError extends Error {
  override readonly name = 'UnknownKeyError';
}
