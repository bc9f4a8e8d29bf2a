import { useCallback, useState } from 'react';

/** A value of this tab that survives a reload; `undefined` removes it. */
export function useSessionValue<T>(key: string): [T | undefined, (value: T | undefined) => void] {
  const [held, setHeld] = useState(() => ({ key, value: readSessionValue<T>(key) }));
  const current = held.key === key ? held : { key, value: readSessionValue<T>(key) };
  if (current !== held) setHeld(current);
  const set = useCallback(
    (value: T | undefined) => {
      writeSessionValue(key, value);
      setHeld({ key, value });
    },
    [key],
  );
  return [current.value, set];
}

export function readSessionValue<T>(key: string): T | undefined {
  const text = sessionStorage.getItem(key);
  return text === null ? undefined : (JSON.parse(text) as T);
}

export function writeSessionValue(key: string, value: unknown): void {
  if (value === undefined) sessionStorage.removeItem(key);
  else sessionStorage.setItem(key, JSON.stringify(value));
}
