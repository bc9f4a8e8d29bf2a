const units: readonly [string, number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
];

/**
 * A duration in its two largest units, e.g. `2 min 5 s`.
 * @param options isRunning: whole seconds, so that the text does not flicker
 */
export function durationText(ms: number, options: { isRunning?: boolean } = {}): string {
  if (ms < 1_000) return options.isRunning === true ? '0 s' : `${String(Math.round(ms))} ms`;
  if (ms < 60_000 && options.isRunning !== true) return `${(ms / 1_000).toFixed(1)} s`;
  const at = units.findIndex(([, size]) => ms >= size);
  const parts = units.slice(at, at + 2).map(([unit, size], index) => {
    const above = index === 0 ? ms : ms % (units[at]?.[1] ?? ms);
    return [Math.floor(above / size), unit] as const;
  });
  return parts
    .filter(([count], index) => index === 0 || count > 0)
    .map(([count, unit]) => `${String(count)} ${unit}`)
    .join(' ');
}
