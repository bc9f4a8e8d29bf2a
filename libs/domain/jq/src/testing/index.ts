import type { Json } from '@parley/kernel';

/** An expression as workflows have them, and what a programmer would write in its place. */
export interface TypicalExpression {
  readonly name: string;
  readonly source: string;
  readonly input: Json;
  readonly expected: Json;
  byHand(input: Json): Json;
}

interface Item {
  readonly sku?: string;
  readonly price?: number;
  readonly quantity?: number;
  readonly tags?: readonly string[];
}

interface Order {
  readonly id?: string;
  readonly total?: number;
  readonly note?: string | null;
  readonly customer?: { readonly name?: string; readonly email?: string; readonly tier?: string };
  readonly items?: readonly Item[];
}

const order = {
  id: 'order-4711',
  total: 249.5,
  note: null,
  customer: { name: 'Ann', email: 'ann@example.com' },
  items: [
    { sku: 'pizza', price: 12.5, quantity: 4, tags: ['hot', 'vegetarian'] },
    { sku: 'wine', price: 24.5, quantity: 6, tags: ['cold'] },
    { sku: 'salad', price: 8, quantity: 3, tags: ['cold', 'vegan'] },
    { sku: 'cake', price: 14, quantity: 2, tags: [] },
    { sku: 'water', price: 0.5, quantity: 1, tags: ['cold', 'vegan'] },
  ],
} satisfies Order;

/** All of them take an order. */
function typical(
  name: string,
  source: string,
  expected: Json,
  byHand: (order: Order) => unknown,
): TypicalExpression {
  return {
    name,
    source,
    input: order,
    expected,
    byHand: (input) => byHand(input as unknown as Order) as Json,
  };
}

/**
 * Ten expressions that stand for what workflows evaluate. What is written by hand is as careful with
 * what is missing as jq is.
 */
export const typicalExpressions: readonly TypicalExpression[] = [
  typical('path', '.customer.email', 'ann@example.com', (o) => o.customer?.email ?? null),
  typical(
    'condition',
    '.total > 200 and (.items | length) >= 3',
    true,
    (o) => (o.total ?? 0) > 200 && (o.items?.length ?? 0) >= 3,
  ),
  typical('select', '[.items[] | select(.price > 10) | .sku]', ['pizza', 'wine', 'cake'], (o) =>
    (o.items ?? []).filter(({ price }) => (price ?? 0) > 10).map(({ sku }) => sku ?? null),
  ),
  typical('map', '.items | map(.price * .quantity)', [50, 147, 24, 28, 0.5], (o) =>
    (o.items ?? []).map(({ price, quantity }) => (price ?? 0) * (quantity ?? 0)),
  ),
  typical(
    'object',
    '{id, total, to: "\\(.customer.name) <\\(.customer.email)>", large: (.total > 200)}',
    { id: 'order-4711', total: 249.5, to: 'Ann <ann@example.com>', large: true },
    (o) => ({
      id: o.id ?? null,
      total: o.total ?? null,
      to: `${o.customer?.name ?? null} <${o.customer?.email ?? null}>`,
      large: (o.total ?? 0) > 200,
    }),
  ),
  typical(
    'text',
    '"Order \\(.id) of \\(.customer.name): \\(.total)"',
    'Order order-4711 of Ann: 249.5',
    (o) => `Order ${o.id ?? null} of ${o.customer?.name ?? null}: ${o.total ?? null}`,
  ),
  typical(
    'alternative',
    '.customer.tier // .note // "standard"',
    'standard',
    (o) => o.customer?.tier ?? o.note ?? 'standard',
  ),
  typical(
    'reduce',
    'reduce .items[] as $item (""; . + "\\($item.quantity)x\\($item.sku) ")',
    '4xpizza 6xwine 3xsalad 2xcake 1xwater ',
    (o) => {
      let text = '';
      for (const item of o.items ?? []) text += `${item.quantity ?? null}x${item.sku ?? null} `;
      return text;
    },
  ),
  typical('test', '.customer.email | test("^[^@]+@[a-z.]+$")', true, (o) =>
    /^[^@]+@[a-z.]+$/.test(o.customer?.email ?? ''),
  ),
  typical(
    'sort',
    '.items | sort_by(.price) | map(.sku)',
    ['water', 'salad', 'pizza', 'cake', 'wine'],
    (o) =>
      [...(o.items ?? [])]
        .sort((a, b) => (a.price ?? 0) - (b.price ?? 0))
        .map(({ sku }) => sku ?? null),
  ),
];
