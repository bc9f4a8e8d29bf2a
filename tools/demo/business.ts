import { menu, placedOrders, staff } from './menu.ts';

/** Oldest records leave first, so that a demo that runs for weeks does not grow without end. */
const RECORDS_MAX = 50_000;
const UNITS_PER_SLOT = 20;
const STOCK_REORDER_LEVEL = 8;

export interface Item {
  sku: string;
  quantity: number;
  unitPrice?: number;
}

export interface Address {
  street: string;
  city: string;
  postalCode: string;
}

export interface Customer {
  name: string;
  phone?: string;
  email?: string | null;
  address?: Address;
}

export interface Preparation {
  preparationId: string;
  orderId: string;
  items: Item[];
  units: number;
  slot: string;
  status: 'scheduled' | 'ready' | 'cancelled';
  notes: string | null;
}

export interface StockItem {
  sku: string;
  name: string;
  onHand: number;
  reserved: number;
  reorderLevel: number;
}

export interface Reservation {
  reservationId: string;
  orderId: string;
  items: Item[];
  status: 'reserved' | 'released';
  createdAt: string;
}

export interface Order {
  orderId: string;
  status: 'placed' | 'confirmed' | 'rejected' | 'refunded';
  items: Item[];
  total: number;
  currency: 'EUR';
  channel: 'web' | 'phone' | 'table';
  customer: Customer;
  placedAt: string;
  reason?: string | null;
  refundedAmount?: number;
}

export interface StaffMember {
  staffId: string;
  name: string;
  role: 'manager' | 'chef' | 'cook' | 'waiter';
  email: string;
  phone: string | null;
  shift: 'early' | 'late' | 'night';
}

export interface Message {
  messageId: string;
  text: string;
  recipients: string[];
  sentAt: string;
}

export interface Quote {
  quoteId: string;
  address: Address;
  available: boolean;
  fee: number;
  etaMinutes: number;
}

export interface Delivery {
  deliveryId: string;
  orderId: string;
  address: Address;
  status: 'dispatched' | 'cancelled';
  fee: number;
  courier: string;
  dispatchedAt: string;
  estimatedArrival: string;
  instructions: string | null;
  reason: string | null;
}

/** Everything the restaurant knows. Changed by operations only, so that replaying them restores it. */
export interface Business {
  unitsPerSlot: number;
  /** Units taken, by start of the slot. */
  booked: Map<string, number>;
  preparations: Map<string, Preparation>;
  stock: Map<string, StockItem>;
  reservations: Map<string, Reservation>;
  orders: Map<string, Order>;
  staff: Map<string, StaffMember>;
  messages: Map<string, Message>;
  quotes: Map<string, Quote>;
  deliveries: Map<string, Delivery>;
  /** Next number by prefix of the id. */
  numbers: Map<string, number>;
}

export interface Opening {
  seed: number;
  /** Multiplies stock and kitchen capacity, for load tests. */
  scale: number;
  at: string;
}

/** The first day: same seed, same restaurant. */
export function openBusiness({ seed, scale, at }: Opening): Business {
  const now = Date.parse(at);
  const orders = placedOrders(seed, now);
  const business: Business = {
    unitsPerSlot: UNITS_PER_SLOT * scale,
    booked: new Map(),
    preparations: new Map(),
    stock: new Map(menu.map((dish) => [dish.sku, stockItem(dish, scale)])),
    reservations: new Map(),
    orders: new Map(orders.map((order) => [order.orderId, order])),
    staff: new Map(staff.map((member) => [member.staffId, { ...member }])),
    messages: new Map(),
    quotes: new Map(),
    deliveries: new Map(),
    numbers: new Map([['ord', 1021]]),
  };
  addYesterday(business, now);
  return business;
}

export function nextId(business: Business, prefix: string): string {
  const number = business.numbers.get(prefix) ?? 1;
  business.numbers.set(prefix, number + 1);
  return `${prefix}-${number}`;
}

/** Adds a record and lets the oldest go when there are too many. */
export function keep<T>(records: Map<string, T>, id: string, value: T): void {
  records.set(id, value);
  if (records.size <= RECORDS_MAX) return;
  for (const oldest of records.keys()) {
    records.delete(oldest);
    return;
  }
}

export function newestFirst<T>(records: Map<string, T>, limit: number, wanted: (r: T) => boolean) {
  return [...records.values()].reverse().filter(wanted).slice(0, limit);
}

function stockItem(dish: { sku: string; name: string; stock: number }, scale: number): StockItem {
  return {
    sku: dish.sku,
    name: dish.name,
    onHand: dish.stock * scale,
    reserved: 0,
    reorderLevel: STOCK_REORDER_LEVEL,
  };
}

/** One finished order in every system, so that each of them has something to show. */
function addYesterday(business: Business, now: number): void {
  const order = business.orders.get('ord-0997');
  if (!order) throw new Error('the first order of the seed is missing');
  const items = order.items.map(({ sku, quantity }) => ({ sku, quantity }));
  const at = new Date(now).toISOString();
  const preparationId = nextId(business, 'prep');
  const units = items.reduce((sum, item) => sum + item.quantity, 0);
  // Booked on a far day: today's capacity starts out whole.
  const slot = '2035-01-01T18:00:00.000Z';
  business.booked.set(slot, units);
  business.preparations.set(preparationId, {
    ...{ preparationId, orderId: order.orderId, items, units, slot },
    ...{ status: 'scheduled', notes: 'Birthday table, booked well ahead' },
  });
  const reservationId = nextId(business, 'res');
  for (const { sku, quantity } of items) {
    const stocked = business.stock.get(sku);
    if (stocked) stocked.reserved += quantity;
  }
  business.reservations.set(reservationId, {
    ...{ reservationId, orderId: order.orderId, items, status: 'reserved', createdAt: at },
  });
  const deliveryId = nextId(business, 'del');
  business.deliveries.set(deliveryId, {
    ...{ deliveryId, orderId: order.orderId, status: 'dispatched', fee: 6.9, courier: 'Noor' },
    address: order.customer.address ?? {
      street: 'Seefeldstrasse 1',
      city: 'Zürich',
      postalCode: '8008',
    },
    ...{ dispatchedAt: at, estimatedArrival: new Date(now + 25 * 60_000).toISOString() },
    ...{ instructions: null, reason: null },
  });
  const messageId = nextId(business, 'msg');
  business.messages.set(messageId, {
    ...{ messageId, text: 'Welcome to the late shift.', recipients: ['staff-1'], sentAt: at },
  });
}
