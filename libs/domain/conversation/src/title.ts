const titleLengthMax = 60;

/** A title for a conversation, made of the first thing that was said. */
export function titleOf(text: string): string {
  const line =
    text
      .trim()
      .split(/\n|(?<=[.!?])\s/)[0]
      ?.trim() ?? '';
  if (line.length <= titleLengthMax) return line === '' ? 'New conversation' : line;
  const cut = line.slice(0, titleLengthMax);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), titleLengthMax / 2))}…`;
}
