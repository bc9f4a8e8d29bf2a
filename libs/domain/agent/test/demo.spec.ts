import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { compileDefinition } from '@parley/dsl';
import { dryRun } from '@parley/engine';
import type { Json } from '@parley/kernel';
import { importOpenApi } from '@parley/connectors';
import type { Catalogue } from '@parley/contracts';
import { planTurn } from '../src/index.js';

const folder = new URL('../../../../tools/demo/documents/', import.meta.url);

function demoCatalogue(): Catalogue {
  const connectors = readdirSync(folder).map((file) => {
    const imported = importOpenApi(readFileSync(new URL(file, folder), 'utf8'));
    if (!imported.ok) throw new Error(`${file} does not import`);
    const { name, title, documentHash, operations } = imported.value;
    return { name, title, documentHash, operations: [...operations] };
  });
  return { connectors };
}

const request =
  'When an order is placed, check kitchen capacity and stock; if both are fine schedule preparation and confirm, else reject. Ask the manager when the total is above 200.';
const catalogue = demoCatalogue();
const directory = { roles: ['owner', 'builder', 'manager'], members: [] };
const reply = planTurn({ text: request }, { catalogue, directory, timezone: 'Europe/Zurich' });
const compiled = compileDefinition(reply.draft?.source ?? '', { catalogue });

function callsMade(total: number, world: { stock: boolean; approves: boolean }): string[] {
  if (compiled.ir === undefined) throw new Error('no IR');
  const made: string[] = [];
  const run = dryRun(compiled.ir, {
    input: { orderId: 'ord-1', items: [{ sku: 'a', quantity: 1 }], total },
    handlers: {
      connector: (args): Json => {
        const { operation } = args as { operation: string };
        made.push(operation);
        if (operation === 'getCapacity') return { available: true };
        return operation === 'checkStock' ? { inStock: world.stock, missing: [] } : {};
      },
      human: () => {
        made.push('human');
        return { decision: world.approves ? 'approved' : 'rejected' };
      },
    },
  });
  if (!run.ok) throw new Error('does not load');
  expect(run.value.status).toBe('completed');
  return made;
}

describe('the main request on the demo', () => {
  it('compiles and leaves nothing open', () => {
    expect(compiled.diagnostics).toEqual([]);
    expect(reply.draft?.questions).toEqual([]);
  });

  it('confirms a small one', () => {
    const checks = ['getCapacity', 'checkStock'];
    const yes = ['schedulePreparation', 'confirmOrder'];
    expect(callsMade(100, { stock: true, approves: true })).toEqual([...checks, ...yes]);
    expect(callsMade(250, { stock: true, approves: true })).toEqual([...checks, 'human', ...yes]);
  });

  it('rejects when a check or the approver says no', () => {
    const no = ['getCapacity', 'checkStock', 'rejectOrder'];
    expect(callsMade(250, { stock: false, approves: true })).toEqual(no);
    expect(callsMade(250, { stock: true, approves: false })).toEqual([
      ...no.slice(0, 2),
      'human',
      'rejectOrder',
    ]);
  });
});
