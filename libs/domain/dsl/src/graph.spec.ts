import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { DefinitionGraph } from '@parley/contracts';
import { compileDefinition } from './compile/compile.js';
import { graphOf } from './graph.js';

const goldens = join(import.meta.dirname, '../goldens');
const catalogue = JSON.parse(readFileSync(join(goldens, 'catalogue.json'), 'utf8')) as never;

function graph(name: string) {
  const { ir } = compileDefinition(readFileSync(join(goldens, `${name}.yaml`), 'utf8'), {
    catalogue,
  });
  if (ir === undefined) throw new Error(`${name} does not compile`);
  return graphOf(ir);
}

describe('graphOf', () => {
  it.each(['order', 'control-flow', 'resilience'])('draws %s', (name) => {
    const { nodes, edges } = graph(name);
    const lines = [
      ...nodes.map(
        (node) =>
          `${node.id} [${node.kind}] ${node.label} | ${node.detail ?? ''} | in ${node.parent ?? '-'}`,
      ),
      ...edges.map(
        (edge) =>
          `${edge.from} → ${edge.to} (${edge.kind}${edge.label === undefined ? '' : ` ${edge.label}`})`,
      ),
    ];
    expect(lines.join('\n')).toMatchSnapshot();
  });

  it('fits the contract, and every edge ends at nodes', () => {
    const drawn = DefinitionGraph.parse(graph('control-flow'));
    const ids = new Set(drawn.nodes.map((node) => node.id));
    expect(drawn.edges.filter((edge) => !ids.has(edge.from) || !ids.has(edge.to))).toEqual([]);
    expect(new Set(drawn.edges.map((edge) => edge.id)).size).toBe(drawn.edges.length);
  });
});
