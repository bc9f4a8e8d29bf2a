import type { Json } from '@parley/kernel';
import type { CoreOf } from '../core.js';
import { climb, type Scalar } from '../runtime.js';

export function variableScalar(node: CoreOf<'variable' | 'global'>): Scalar {
  if (node.kind === 'global') return globalScalar(node.index, node.name);
  const { up } = node;
  if (up === 0) return (_input, env) => env.value as Json;
  if (up === 1) return (_input, env) => env.up?.value as Json;
  return (_input, env) => climb(env, up).value as Json;
}

function globalScalar(index: number, name: string): Scalar {
  return (_input, env) => {
    const value = env.meter.globals[index];
    if (value === undefined) throw new Error(`invariant broken: no value was given for $${name}`);
    return value;
  };
}
