import type { Json } from '@parley/kernel';
import type { Findings } from '../faults.js';

const idLengthMax = 200;

interface Named {
  readonly declared: Json | undefined;
  readonly method: string;
  readonly path: string;
}

/**
 * Ids of operations: the declared ones, and for the others one made from method and path alone, so
 * that it stays the same when the document grows. A declared id that is used twice belongs to its
 * first operation.
 */
export class OperationNames {
  private readonly ids: string[];

  constructor(operations: readonly Named[], findings: Findings) {
    const declared = new Map<string, number>();
    for (const [index, { declared: id, method, path }] of operations.entries()) {
      if (!isUsable(id)) continue;
      if (declared.has(id)) {
        findings.notice(
          `The operationId ${JSON.stringify(id)} is used twice; ${method} ${path} is called ${derivedId(method, path)} instead.`,
        );
      } else declared.set(id, index);
    }
    const taken = new Set(declared.keys());
    this.ids = operations.map(({ declared: id, method, path }, index) =>
      isUsable(id) && declared.get(id) === index ? id : free(derivedId(method, path), taken),
    );
  }

  at(index: number): string {
    const id = this.ids[index];
    if (id === undefined) throw new Error(`invariant broken: no operation ${index}`);
    return id;
  }
}

/** `GET /orders/{orderId}/items` → `getOrdersByOrderIdItems`. */
function derivedId(method: string, path: string): string {
  const words = path
    .replace(/\{([^{}]*)\}/g, ' by $1 ')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  const id = method.toLowerCase() + (words.length === 0 ? 'Root' : words.join(''));
  return id.slice(0, idLengthMax);
}

function isUsable(id: Json | undefined): id is string {
  return (
    typeof id === 'string' &&
    id.length > 0 &&
    id.length <= idLengthMax &&
    id.trim() === id &&
    // eslint-disable-next-line no-control-regex -- ids appear in texts and pointers
    !/[\u0000-\u001f\u007f]/.test(id)
  );
}

function free(id: string, taken: Set<string>): string {
  let candidate = id;
  for (let n = 2; taken.has(candidate); n++) candidate = `${id}${n}`;
  taken.add(candidate);
  return candidate;
}
