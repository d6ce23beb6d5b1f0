import { InvalidArgumentError } from 'commander';

/** Reads an option that is a whole number within bounds; anything else is a usage error that names them. */
export const wholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`a whole number from ${min} to ${max}`);
  };
