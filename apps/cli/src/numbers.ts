import { InvalidArgumentError } from 'commander';

/** Parser of an option that counts. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('it must be a whole number, 1 or more');
}

export function moreText(limit: number): string {
  return `There is more than the first ${limit}; see it with --limit.`;
}
