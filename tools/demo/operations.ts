import { deliveryOperations } from './systems/delivery.ts';
import { inventoryOperations } from './systems/inventory.ts';
import { kitchenOperations } from './systems/kitchen.ts';
import { posOperations } from './systems/pos.ts';
import { staffOperations } from './systems/staff.ts';
import type { Operations } from './reply.ts';

/** Code for every operationId in the documents; the test compares both sides. */
const operations: Readonly<Record<string, Operations>> = {
  kitchen: kitchenOperations,
  inventory: inventoryOperations,
  pos: posOperations,
  staff: staffOperations,
  delivery: deliveryOperations,
};

export function operationOf(system: string, operation: string): Operations[string] {
  const perform = operations[system]?.[operation];
  if (!perform) throw new Error(`no code for ${system}.${operation}`);
  return perform;
}
