import { useEffect, useState } from 'react';

const refreshMs = 30_000;
const steps: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' });
const dayMs = 86_400_000;

function ago(at: number, now: number): string {
  const age = at - now;
  if (Math.abs(age) > 7 * dayMs) return new Date(at).toLocaleDateString();
  for (const [unit, ms] of steps) {
    if (Math.abs(age) >= ms) return relative.format(Math.trunc(age / ms), unit);
  }
  return 'just now';
}

/** When something happened, as people say it; the exact time on hover. */
export function Time({ at }: { at: string }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), refreshMs);
    return () => clearInterval(timer);
  }, []);
  const date = new Date(at);
  return (
    <time dateTime={at} title={date.toLocaleString()}>
      {ago(date.getTime(), now)}
    </time>
  );
}
