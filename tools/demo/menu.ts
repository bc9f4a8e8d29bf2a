import type { Customer, Item, Order, StaffMember } from './business.ts';

export interface Dish {
  sku: string;
  name: string;
  price: number;
  stock: number;
}

export const menu: readonly Dish[] = [
  { sku: 'margherita-pizza', name: 'Pizza Margherita', price: 12.5, stock: 120 },
  { sku: 'funghi-pizza', name: 'Pizza Funghi', price: 14.5, stock: 100 },
  { sku: 'carbonara', name: 'Spaghetti Carbonara', price: 15, stock: 100 },
  { sku: 'truffle-ravioli', name: 'Truffle ravioli', price: 22.5, stock: 80 },
  { sku: 'ribeye-steak', name: 'Rib-eye steak', price: 34, stock: 90 },
  { sku: 'sea-bass', name: 'Grilled sea bass', price: 29.5, stock: 80 },
  { sku: 'mushroom-risotto', name: 'Mushroom risotto', price: 17, stock: 100 },
  { sku: 'caesar-salad', name: 'Caesar salad', price: 9.5, stock: 120 },
  { sku: 'tomato-soup', name: 'Tomato soup', price: 7, stock: 120 },
  { sku: 'garlic-bread', name: 'Garlic bread', price: 5, stock: 150 },
  { sku: 'panna-cotta', name: 'Panna cotta', price: 6.5, stock: 100 },
  { sku: 'tiramisu', name: 'Tiramisu', price: 7.5, stock: 10 },
];

export const staff: readonly StaffMember[] = [
  member('staff-1', 'Marta Keller', 'manager', 'late'),
  member('staff-2', 'Jonas Weber', 'chef', 'late'),
  member('staff-3', 'Aiko Mori', 'cook', 'early'),
  member('staff-4', 'Luis Ortega', 'cook', 'late'),
  member('staff-5', 'Noor Haddad', 'waiter', 'early'),
  member('staff-6', 'Emil Novak', 'waiter', 'night'),
];

const MINUTE_MS = 60_000;
const FIRST_PLACED = 1001;
const LAST_PLACED = 1020;
/** Asks for more tiramisu than there is, with a total under 200. */
const BEYOND_STOCK = 1013;
const LARGE_TOTAL = 200;
const MAINS_FROM = 15;

const names = ['Ada Lind', 'Ben Okafor', 'Chiara Russo', 'Dev Patel', 'Elif Kaya', 'Finn Larsen'];
const streets = ['Seefeldstrasse', 'Bahnhofstrasse', 'Langstrasse', 'Limmatquai', 'Badenerstrasse'];
const channels = ['web', 'phone', 'table'] as const;

/** Every fourth order is a party with a total over 200; the others stay under it. */
export function placedOrders(seed: number, now: number): Order[] {
  const random = generator(seed);
  const orders: Order[] = [
    order(997, [line('sea-bass', 2), line('panna-cotta', 2)], { random, now, status: 'confirmed' }),
    order(998, [line('carbonara', 1)], { random, now, status: 'rejected' }),
    order(999, [line('ribeye-steak', 2)], { random, now, status: 'refunded' }),
  ];
  for (let number = FIRST_PLACED; number <= LAST_PLACED; number++) {
    const items =
      number === BEYOND_STOCK
        ? [line('tiramisu', 15)]
        : number % 4 === 0
          ? partyItems(random)
          : dinnerItems(random);
    orders.push(order(number, items, { random, now, status: 'placed' }));
  }
  return orders;
}

export function totalOf(items: readonly Item[]): number {
  const cents = items.reduce((sum, item) => sum + item.quantity * cents100(item.unitPrice ?? 0), 0);
  return cents / 100;
}

export function dishOf(sku: string): Dish | undefined {
  return menu.find((dish) => dish.sku === sku);
}

function cents100(price: number): number {
  return Math.round(price * 100);
}

function dinnerItems(random: () => number): Item[] {
  const offered = menu.filter((dish) => dish.sku !== 'tiramisu');
  const count = 1 + Math.floor(random() * 3);
  const picked = pick(offered, count, random);
  return picked.map((dish) => line(dish.sku, 1 + Math.floor(random() * 2)));
}

function partyItems(random: () => number): Item[] {
  const mains = menu.filter((dish) => dish.price >= MAINS_FROM);
  const items = pick(mains, 3, random).map((dish) => line(dish.sku, 3));
  const dearest = items.reduce((a, b) => ((a.unitPrice ?? 0) >= (b.unitPrice ?? 0) ? a : b));
  while (totalOf(items) <= LARGE_TOTAL) dearest.quantity++;
  return items;
}

function order(
  number: number,
  items: Item[],
  how: { random: () => number; now: number; status: Order['status'] },
): Order {
  const { random, now, status } = how;
  const minutesAgo = (LAST_PLACED + 1 - number) * 3;
  return {
    orderId: `ord-${String(number).padStart(4, '0')}`,
    status,
    items,
    total: totalOf(items),
    currency: 'EUR',
    channel: channels[Math.floor(random() * channels.length)] ?? 'web',
    customer: customer(random),
    placedAt: new Date(now - minutesAgo * MINUTE_MS).toISOString(),
    ...(status === 'rejected' ? { reason: 'We were fully booked.' } : {}),
    ...(status === 'refunded'
      ? { reason: 'The steak was overdone.', refundedAmount: totalOf(items) }
      : {}),
  };
}

function customer(random: () => number): Customer {
  const name = names[Math.floor(random() * names.length)] ?? 'Ada Lind';
  const street = streets[Math.floor(random() * streets.length)] ?? 'Limmatquai';
  return {
    name,
    phone: `+41 44 555 ${String(Math.floor(random() * 90) + 10)} ${String(Math.floor(random() * 90) + 10)}`,
    email: `${name.toLowerCase().replace(' ', '.')}@example.com`,
    address: {
      street: `${street} ${1 + Math.floor(random() * 120)}`,
      city: 'Zürich',
      postalCode: String(8001 + Math.floor(random() * 10)),
    },
  };
}

function line(sku: string, quantity: number): Item {
  return { sku, quantity, unitPrice: dishOf(sku)?.price ?? 0 };
}

function pick(from: readonly Dish[], count: number, random: () => number): Dish[] {
  const left = [...from];
  const picked: Dish[] = [];
  while (picked.length < count && left.length > 0) {
    picked.push(...left.splice(Math.floor(random() * left.length), 1));
  }
  return picked;
}

function member(
  staffId: string,
  name: string,
  role: StaffMember['role'],
  shift: StaffMember['shift'],
): StaffMember {
  const first = name.split(' ')[0]?.toLowerCase() ?? staffId;
  const phone = `+41 44 555 01 0${staffId.slice(-1)}`;
  return { staffId, name, role, email: `${first}@bistro.example`, phone, shift };
}

/** mulberry32: small, and the same on every machine. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
