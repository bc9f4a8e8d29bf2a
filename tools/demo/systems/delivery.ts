import { keep, newestFirst, nextId } from '../business.ts';
import type { Address, Delivery, Quote } from '../business.ts';
import { conflict, done, notFound, problem, seen } from '../reply.ts';
import type { Operations } from '../reply.ts';

const MINUTE_MS = 60_000;
const PICK_UP_MS = 5 * MINUTE_MS;
const couriers = ['Noor', 'Sam', 'Ivo'];

interface DispatchRequest {
  orderId: string;
  address: Address;
  quoteId?: string;
  instructions?: string;
}

export const deliveryOperations: Operations = {
  quoteDelivery(business, { body }) {
    const { address } = body as { address: Address };
    const quote: Quote = { quoteId: nextId(business, 'quo'), address, ...terms(address) };
    keep(business.quotes, quote.quoteId, quote);
    const { quoteId, available, fee, etaMinutes } = quote;
    return done({ quoteId, available, fee, currency: 'EUR', etaMinutes }, 201);
  },

  listDeliveries(business, { query, now }) {
    const wanted = ({ orderId }: Delivery) =>
      query.orderId === undefined || orderId === query.orderId;
    const deliveries = newestFirst(business.deliveries, query.limit as number, wanted);
    return seen({ deliveries: deliveries.map((delivery) => tracked(delivery, now)) });
  },

  dispatchDelivery(business, { body, now }) {
    const { orderId, address, quoteId, instructions } = body as DispatchRequest;
    const quote = quoteId === undefined ? undefined : business.quotes.get(quoteId);
    if (quoteId !== undefined && !quote) return notFound(`quote ${quoteId}`);
    const { available, fee, etaMinutes } = quote ?? terms(address);
    if (!available) {
      const detail = `Couriers do not reach ${address.postalCode} ${address.city}.`;
      return problem(409, 'out-of-reach', { detail });
    }
    const deliveryId = nextId(business, 'del');
    const delivery: Delivery = {
      ...{ deliveryId, orderId, address, status: 'dispatched', fee },
      courier: couriers[business.deliveries.size % couriers.length] ?? 'Noor',
      dispatchedAt: new Date(now).toISOString(),
      estimatedArrival: new Date(now + etaMinutes * MINUTE_MS).toISOString(),
      ...{ instructions: instructions ?? null, reason: null },
    };
    keep(business.deliveries, deliveryId, delivery);
    return done(tracked(delivery, now), 201);
  },

  trackDelivery(business, { params, now }) {
    const delivery = business.deliveries.get(params.deliveryId ?? '');
    return delivery ? seen(tracked(delivery, now)) : notFound(`delivery ${params.deliveryId}`);
  },

  cancelDelivery(business, { params, body, now }) {
    const delivery = business.deliveries.get(params.deliveryId ?? '');
    if (!delivery) return notFound(`delivery ${params.deliveryId}`);
    const { status } = tracked(delivery, now);
    if (status === 'cancelled') return seen(tracked(delivery, now));
    if (status === 'delivered') return conflict('The delivery has arrived already.');
    delivery.status = 'cancelled';
    delivery.reason = (body as { reason?: string } | undefined)?.reason ?? null;
    return done(tracked(delivery, now));
  },
};

/** Fee and time follow from the postal code, so the same address always costs the same. */
function terms({ postalCode }: Address) {
  const zone = Number(postalCode) % 10;
  const available = !postalCode.startsWith('9');
  return {
    available,
    fee: available ? (490 + zone * 25) / 100 : 0,
    etaMinutes: available ? 20 + zone : 0,
  };
}

/** The courier moves with the time alone: looking at a delivery changes nothing. */
function tracked(delivery: Delivery, now: number) {
  const status =
    delivery.status === 'cancelled'
      ? 'cancelled'
      : now >= Date.parse(delivery.estimatedArrival)
        ? 'delivered'
        : now >= Date.parse(delivery.dispatchedAt) + PICK_UP_MS
          ? 'on-the-way'
          : 'dispatched';
  return { ...delivery, status, currency: 'EUR' };
}
