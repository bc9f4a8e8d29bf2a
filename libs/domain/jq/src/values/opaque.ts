import { JsonScalar } from '@parley/kernel';

const NAME = Symbol('name');

/**
 * Stands for a value that a program may carry but never see, such as a secret: it goes through paths,
 * variables, construction, `//` and conditions (it counts as true). Comparing it, computing with it
 * or writing it as text fails. It holds no more than a name, so that nothing can leak.
 */
export class Opaque extends JsonScalar {
  private readonly [NAME]: string;

  constructor(name: string) {
    super();
    this[NAME] = name;
    Object.freeze(this);
  }

  static nameOf(value: Opaque): string {
    return value[NAME];
  }

  /** @throws TypeError: whoever hands such a value out of the process replaces it before. */
  override toJSON(): never {
    throw new TypeError(`the secret ${this[NAME]} cannot be written as JSON`);
  }
}

export function isOpaque(value: unknown): value is Opaque {
  return value instanceof Opaque;
}

/** What the text of a secret is in messages. */
export const HIDDEN = '"<secret>"';
