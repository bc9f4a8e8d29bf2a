import { err, ok, type Result } from '@parley/kernel';

/** A text with `{name}` places, split. */
export type AddressPart = string | { readonly name: string };

/** Splits an address template (RFC 6570, level 1). */
export function parseAddress(text: string): Result<AddressPart[], string> {
  const parts: AddressPart[] = [];
  let at = 0;
  for (const match of text.matchAll(/\{([^{}]*)\}/g)) {
    const name = match[1] ?? '';
    if (match.index > at) parts.push(text.slice(at, match.index));
    if (name === '') return err('has empty braces');
    if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name)) return err(`cannot insert "{${name}}"`);
    parts.push({ name });
    at = match.index + match[0].length;
  }
  if (at < text.length) parts.push(text.slice(at));
  const unpaired = parts.some((part) => typeof part === 'string' && /[{}]/.test(part));
  return unpaired ? err('has a brace without its partner') : ok(parts);
}

/** Whether the fixed beginning of an address names scheme and host. */
export function isAbsoluteHttp(text: string): boolean {
  return /^https?:\/\/[^/\s?#]+/i.test(text);
}

/** What is wrong with the `{…}` places (RFC 6570) of an address. */
export function templateProblem(text: string): string | undefined {
  const rest = text.replaceAll(/\{([^{}]*)\}/g, (place, inner: string) =>
    expansion.test(inner) ? '' : place,
  );
  const place = /\{[^{}]*\}/.exec(rest);
  if (place !== null) return place[0] === '{}' ? 'has empty braces' : `cannot insert "${place[0]}"`;
  return /[{}]/.test(rest) ? 'has a brace without its partner' : undefined;
}

const variable = '[A-Za-z0-9_](?:[A-Za-z0-9_.-]|%[0-9A-Fa-f]{2})*(?::[1-9]\\d{0,3}|\\*)?';
const expansion = new RegExp(`^[+#./;?&]?${variable}(?:,${variable})*$`);
