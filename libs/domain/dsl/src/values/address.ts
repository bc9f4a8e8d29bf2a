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

const variable =
  '(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})(?:[A-Za-z0-9_.-]|%[0-9A-Fa-f]{2})*(?::[1-9]\\d{0,3}|\\*)?';
const expansion = new RegExp(`^[+#./;?&]?${variable}(?:,${variable})*$`);
