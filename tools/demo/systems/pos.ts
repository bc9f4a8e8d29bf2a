import { keep, nextId } from '../business.ts';
import type { Business, Customer, Item, Order } from '../business.ts';
import { dishOf, menu, totalOf } from '../menu.ts';
import { conflict, done, invalid, notFound, seen } from '../reply.ts';
import type { Operations, Reply } from '../reply.ts';

interface NewOrder {
  items: Item[];
  customer?: Customer;
  channel?: Order['channel'];
}

export const posOperations: Operations = {
  listMenu() {
    return seen({ dishes: menu.map(({ sku, name, price }) => ({ sku, name, price })) });
  },

  listOrders(business, { query }) {
    const { status, limit, offset } = query as { status?: string; limit: number; offset: number };
    const matching = [...business.orders.values()].filter(
      (order) => status === undefined || order.status === status,
    );
    return seen({ orders: matching.slice(offset, offset + limit), count: matching.length });
  },

  createOrder(business, { body, now }) {
    const { items, customer, channel } = body as NewOrder;
    const unknown = items.findIndex(({ sku }) => !dishOf(sku));
    if (unknown >= 0) return invalid(`/items/${unknown}/sku`, 'The dish is not on the menu.');
    const priced = items.map(({ sku, quantity }) => ({
      ...{ sku, quantity, unitPrice: dishOf(sku)?.price ?? 0 },
    }));
    const order: Order = {
      orderId: nextId(business, 'ord'),
      ...{ status: 'placed', items: priced, total: totalOf(priced), currency: 'EUR' },
      ...{ channel: channel ?? 'web', customer: customer ?? { name: 'Guest' } },
      placedAt: new Date(now).toISOString(),
    };
    keep(business.orders, order.orderId, order);
    return done(order, 201);
  },

  getOrder(business, { params }) {
    return withOrder(business, params, (order) => seen(order));
  },

  confirmOrder(business, { params }) {
    return withOrder(business, params, (order) => {
      if (order.status === 'confirmed') return seen(order);
      if (order.status !== 'placed') return conflict(`The order is ${order.status} already.`);
      order.status = 'confirmed';
      return done(order);
    });
  },

  rejectOrder(business, { params, body }) {
    return withOrder(business, params, (order) => {
      if (order.status === 'rejected') return seen(order);
      if (order.status !== 'placed') return conflict(`The order is ${order.status} already.`);
      order.status = 'rejected';
      order.reason = (body as { reason?: string } | undefined)?.reason ?? null;
      return done(order);
    });
  },

  refundOrder(business, { params, body }) {
    const { amount, reason } = body as { amount?: number; reason: string };
    return withOrder(business, params, (order) => {
      if (order.status !== 'confirmed') {
        return conflict(`Only a confirmed order can be refunded; this one is ${order.status}.`);
      }
      if (amount !== undefined && amount > order.total) {
        return invalid('/amount', `The order's total is ${order.total}.`);
      }
      order.status = 'refunded';
      order.reason = reason;
      order.refundedAmount = amount ?? order.total;
      return done(order);
    });
  },
};

function withOrder(
  business: Business,
  params: Record<string, string>,
  change: (order: Order) => Reply,
): Reply {
  const order = business.orders.get(params.orderId ?? '');
  return order ? change(order) : notFound(`order ${params.orderId}`);
}
