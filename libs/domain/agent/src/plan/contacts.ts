import type { OperationInput } from '../catalogue/operation.js';
import { typeOf } from '../catalogue/schema.js';
import type { IndexedOperation } from '../catalogue/search.js';
import { stem, stemsOf } from '../language/stem.js';
import type { Token } from '../language/tokens.js';
import { type Found, valuesOf } from './values.js';
import { type World, resultSource } from './world.js';

const contactWords: Readonly<Record<string, readonly string[]>> = {
  email: ['email', 'mail'].map(stem),
  phone: ['phone', 'mobile', 'telephone', 'sms'].map(stem),
};

/** `to` of a message is an address or a number of whoever is meant. */
export function contactFor(
  world: World,
  item: OperationInput,
  words: readonly Token[],
): Found | undefined {
  const wanted = contactKinds(item);
  if (wanted.length === 0) return undefined;
  const spoken = words.map((token) => token.stem);
  const sources = [...world.sources.toReversed(), ...world.entities];
  const found = sources
    .flatMap((source) => valuesOf(source))
    .filter((value) => isContact(value, wanted));
  const named = found.filter((value) =>
    [...value.path.flatMap(stemsOf), value.source.entity, ...value.source.words].some((word) =>
      spoken.includes(word),
    ),
  );
  return named[0] ?? (found.length === 1 || spoken.length === 0 ? found[0] : undefined);
}

const recipientNames =
  /^(?:to|recipient|email|phone|emailAddress|phoneNumber|mobile|mailTo|recipients?Email)$/i;

/** The kinds of address that an input takes; none when it takes something else. */
function contactKinds(item: OperationInput): readonly string[] {
  if (!recipientNames.test(item.name) || typeOf(item.schema) !== 'string') return [];
  const format = item.schema['format'];
  const about = [
    ...stemsOf(item.name),
    ...stemsOf(item.description),
    ...(typeof format === 'string' ? [format] : []),
  ];
  const named = Object.keys(contactWords).filter((kind) =>
    about.some((word) => contactWords[kind]?.includes(word)),
  );
  return named.length > 0 ? named : Object.keys(contactWords);
}

function isContact({ type, name }: Found, kinds: readonly string[]): boolean {
  if (type !== 'string') return false;
  return kinds.some((kind) => stemsOf(name).some((word) => contactWords[kind]?.includes(word)));
}

/** Whether an input is an address that nothing known so far gives. */
export function needsContact(world: World, item: OperationInput, words: readonly Token[]): boolean {
  const kinds = contactKinds(item);
  return kinds.length > 0 && contactFor(world, item, words) === undefined;
}

/** Whether the result of an operation has an address of the kind that an input takes. */
export function knowsContact(operation: IndexedOperation, item: OperationInput): boolean {
  const kinds = contactKinds(item);
  const source = resultSource(operation.operation.id, operation);
  return valuesOf(source, 2).some((value) => isContact(value, kinds));
}
