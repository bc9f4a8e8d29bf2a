import { AppError } from '@parley/kernel';

/** Data can be nested deeper, or be larger, than a recursion or a text can. */
export function bounded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'RangeError') throw error;
    throw new AppError('too-large', 'the data is too large or too deeply nested', { cause: error });
  }
}
