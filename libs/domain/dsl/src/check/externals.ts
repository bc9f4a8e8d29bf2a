import { externalsOf, type ExternalReference } from '../lock/externals.js';
import { LockIndex, type LockedExternal } from '../lock/lock.js';
import { resolveOpenApiOperation } from '../lock/openapi.js';
import { jsonNode } from '../lower/json-node.js';
import type { SourceNode } from '../source/tree.js';
import type { Check } from './context.js';

/** Every document outside of the definition is in the lock, and is what it must be. */
export function checkExternals(
  check: Check,
  root: SourceNode,
  judge: (task: SourceNode) => string | undefined,
): void {
  const { lock, unresolved = 'warning' } = check.options;
  const index = new LockIndex(lock);
  for (const reference of externalsOf(root, lock)) {
    const external = index.get(reference.kind, reference.uri);
    if (external !== undefined) {
      checkContent(check, reference, { external, judge });
      continue;
    }
    check.reporter.report('PL1070', reference, {
      message: `The ${names[reference.kind]} at ${reference.uri} has not been read yet`,
      actual: reference.uri,
      severity: unresolved,
    });
  }
}

const names: Readonly<Record<ExternalReference['kind'], string>> = {
  openapi: 'OpenAPI document',
  asyncapi: 'AsyncAPI document',
  proto: 'proto file',
  function: 'function',
  schema: 'schema',
  'agent-card': 'agent card',
  script: 'script',
};

interface Content {
  readonly external: LockedExternal;
  readonly judge: (task: SourceNode) => string | undefined;
}

function checkContent(check: Check, reference: ExternalReference, content: Content): void {
  const { external, judge } = content;
  if (reference.kind === 'openapi' && reference.operation !== undefined) {
    if (reference.operation.includes('${')) return;
    const resolved = resolveOpenApiOperation(external, reference.operation);
    if (resolved.ok) return;
    check.reporter.report('PL1071', reference, {
      message: `The OpenAPI document at ${external.uri} ${resolved.error}`,
      actual: reference.operation,
    });
  } else if (reference.kind === 'function') {
    const wrong = judge(jsonNode(external.content, ''));
    if (wrong === undefined) return;
    check.reporter.report('PL1072', reference, {
      message: `The function at ${external.uri} cannot be used: ${wrong}`,
      actual: external.uri,
    });
  }
}
