import { keep, newestFirst, nextId } from '../business.ts';
import type { Business, Item, Preparation } from '../business.ts';
import { conflict, done, notFound, problem, seen } from '../reply.ts';
import type { Operations } from '../reply.ts';

const SLOT_MS = 30 * 60_000;
/** Four hours. */
const SLOTS_AHEAD = 8;

interface PreparationRequest {
  orderId: string;
  items: Item[];
  slot?: string;
  notes?: string | null;
}

export const kitchenOperations: Operations = {
  getCapacity(business, { query, now }) {
    const units = (query.units as number | undefined) ?? 1;
    const slot = findSlot(business, { units, now, wanted: query.slot as string | undefined });
    const freeUnits = free(business, slot, now);
    const totalUnits = business.unitsPerSlot;
    return seen({ available: freeUnits >= units, freeUnits, totalUnits, slot });
  },

  listPreparations(business, { query }) {
    const { status, orderId, limit } = query;
    const wanted = (preparation: Preparation) =>
      (status === undefined || preparation.status === status) &&
      (orderId === undefined || preparation.orderId === orderId);
    const preparations = newestFirst(business.preparations, limit as number, wanted);
    return seen({ preparations });
  },

  schedulePreparation(business, { body, now }) {
    const { orderId, items, slot: wanted, notes } = body as PreparationRequest;
    const units = items.reduce((sum, item) => sum + item.quantity, 0);
    const slot = findSlot(business, { units, now, wanted });
    const freeUnits = free(business, slot, now);
    if (freeUnits < units) {
      const detail = `${units} units are needed and ${freeUnits} are free in the slot ${slot}.`;
      return problem(409, 'no-capacity', { detail });
    }
    const preparationId = nextId(business, 'prep');
    const lines = items.map(({ sku, quantity }) => ({ sku, quantity }));
    keep(business.booked, slot, (business.booked.get(slot) ?? 0) + units);
    const preparation: Preparation = {
      ...{ preparationId, orderId, items: lines, units, slot },
      ...{ status: 'scheduled', notes: notes ?? null },
    };
    keep(business.preparations, preparationId, preparation);
    return done(preparation, 201);
  },

  getPreparation(business, { params }) {
    const preparation = business.preparations.get(params.preparationId ?? '');
    return preparation ? seen(preparation) : notFound(`preparation ${params.preparationId}`);
  },

  cancelPreparation(business, { params }) {
    const preparation = business.preparations.get(params.preparationId ?? '');
    if (!preparation) return notFound(`preparation ${params.preparationId}`);
    if (preparation.status === 'cancelled') return seen(preparation);
    if (preparation.status === 'ready') return conflict('The preparation is ready already.');
    preparation.status = 'cancelled';
    const booked = business.booked.get(preparation.slot) ?? 0;
    business.booked.set(preparation.slot, Math.max(0, booked - preparation.units));
    return done(preparation);
  },

  completePreparation(business, { params }) {
    const preparation = business.preparations.get(params.preparationId ?? '');
    if (!preparation) return notFound(`preparation ${params.preparationId}`);
    if (preparation.status === 'ready') return seen(preparation);
    if (preparation.status === 'cancelled') return conflict('The preparation was cancelled.');
    preparation.status = 'ready';
    return done(preparation);
  },
};

/** The slot asked for, else the earliest with room, else the one with most room. */
function findSlot(
  business: Business,
  question: { units: number; now: number; wanted: string | undefined },
): string {
  const { units, now, wanted } = question;
  if (wanted !== undefined) return slotAt(Date.parse(wanted));
  let roomiest = slotAt(now);
  for (let ahead = 0; ahead < SLOTS_AHEAD; ahead++) {
    const slot = slotAt(now + ahead * SLOT_MS);
    const freeUnits = free(business, slot, now);
    if (freeUnits >= units) return slot;
    if (freeUnits > free(business, roomiest, now)) roomiest = slot;
  }
  return roomiest;
}

function free(business: Business, slot: string, now: number): number {
  if (Date.parse(slot) + SLOT_MS <= now) return 0;
  return Math.max(0, business.unitsPerSlot - (business.booked.get(slot) ?? 0));
}

function slotAt(moment: number): string {
  return new Date(Math.floor(moment / SLOT_MS) * SLOT_MS).toISOString();
}
