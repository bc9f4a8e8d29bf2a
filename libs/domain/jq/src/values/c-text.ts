/** What the functions of C see of a text: they stop at U+0000. */
export function upToNul(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}
