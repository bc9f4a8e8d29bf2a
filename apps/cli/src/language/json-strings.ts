/**
 * Where the JSON string that opens at `at` ends, behind its quote; undefined when it does not. By
 * hand: a pattern takes a stack as deep as the string is long.
 */
export function endOfString(input: string, at: number): number | undefined {
  for (let end = input.indexOf('"', at + 1); end !== -1; end = input.indexOf('"', end + 1)) {
    let before = end - 1;
    while (input.charAt(before) === '\\') before -= 1;
    const isEscaped = (end - before) % 2 === 0;
    if (!isEscaped) return end + 1;
  }
  return undefined;
}
