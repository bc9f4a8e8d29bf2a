// The steps of both workloads, the same for every peer.

/** Three local steps: what W1s does in Parley's language. */
export const localSteps = [
  ['price', ({ price, count }) => ({ total: price * count, count })],
  ['tax', ({ total, count }) => ({ total, tax: total * 0.2, count })],
  ['sum', ({ total, tax, count }) => ({ sum: total + tax, count })],
];

/** Three calls of the system that is named by BUSINESS_URL. */
export const calls = ['one', 'two', 'three'].map((name) => [
  name,
  async () => {
    const response = await fetch(`${process.env.BUSINESS_URL}/${name}`, { method: 'POST' });
    if (!response.ok) throw new Error(`${name} answered ${response.status}`);
    return response.json();
  },
]);
