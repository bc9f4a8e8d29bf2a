import { keep, nextId } from '../business.ts';
import type { Business, Item, Reservation } from '../business.ts';
import { done, notFound, problem, seen } from '../reply.ts';
import type { Operations } from '../reply.ts';

export const inventoryOperations: Operations = {
  checkStock(business, { body }) {
    const missing = missingOf(business, (body as { items: Item[] }).items);
    return seen({ inStock: missing.length === 0, missing });
  },

  listItems(business, { query }) {
    const items = [...business.stock.values()].sort((a, b) => (a.sku < b.sku ? -1 : 1));
    const low = items.filter((item) => item.onHand <= item.reorderLevel);
    return seen({ items: query.lowOnly === true ? low : items });
  },

  getItem(business, { params }) {
    const item = business.stock.get(params.sku ?? '');
    return item ? seen(item) : notFound(`item ${params.sku}`);
  },

  restockItem(business, { params, body }) {
    const item = business.stock.get(params.sku ?? '');
    if (!item) return notFound(`item ${params.sku}`);
    item.onHand += (body as { quantity: number }).quantity;
    return done(item);
  },

  reserveStock(business, { body, now }) {
    const { orderId, items } = body as { orderId: string; items: Item[] };
    const missing = missingOf(business, items);
    if (missing.length > 0) {
      const detail = `Too little in stock: ${missing.map(({ sku }) => sku).join(', ')}.`;
      return problem(409, 'out-of-stock', { detail });
    }
    const lines = items.map(({ sku, quantity }) => ({ sku, quantity }));
    move(business, lines, 1);
    const reservation: Reservation = {
      reservationId: nextId(business, 'res'),
      ...{ orderId, items: lines, status: 'reserved', createdAt: new Date(now).toISOString() },
    };
    keep(business.reservations, reservation.reservationId, reservation);
    return done(reservation, 201);
  },

  getReservation(business, { params }) {
    const reservation = business.reservations.get(params.reservationId ?? '');
    return reservation ? seen(reservation) : notFound(`reservation ${params.reservationId}`);
  },

  releaseStock(business, { params }) {
    const reservation = business.reservations.get(params.reservationId ?? '');
    if (!reservation) return notFound(`reservation ${params.reservationId}`);
    if (reservation.status === 'released') return seen(reservation);
    reservation.status = 'released';
    move(business, reservation.items, -1);
    return done(reservation);
  },
};

/** An unknown article is missing like one that ran out. The same article twice is added up. */
function missingOf(business: Business, items: readonly Item[]) {
  const wanted = new Map<string, number>();
  for (const { sku, quantity } of items) wanted.set(sku, (wanted.get(sku) ?? 0) + quantity);
  return [...wanted]
    .map(([sku, requested]) => ({ sku, requested, onHand: business.stock.get(sku)?.onHand ?? 0 }))
    .filter(({ requested, onHand }) => onHand < requested);
}

function move(business: Business, items: readonly Item[], direction: 1 | -1): void {
  for (const { sku, quantity } of items) {
    const item = business.stock.get(sku);
    if (!item) continue;
    item.onHand -= direction * quantity;
    item.reserved += direction * quantity;
  }
}
