export interface Item {
  readonly text: string;
  /** What stands indented below the item. */
  readonly inner: Block[];
}

export type Block =
  | { kind: 'text'; lines: string[] }
  | { kind: 'list'; ordered: boolean; start: number; items: Item[] }
  | { kind: 'code'; text: string };

const bullet = /^(?:[-*•]|(\d{1,3})[.)])\s+(.*)$/;
const indentation = /^(?: {2,4}|\t)/;

/** Reads the little Markdown that agents write: paragraphs, lists, code, bold. */
export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let code: string[] | undefined;
  for (const line of text.split('\n')) {
    if (/^\s*```/.test(line)) {
      if (code !== undefined) blocks.push({ kind: 'code', text: code.join('\n') });
      code = code === undefined ? [] : undefined;
      continue;
    }
    if (code !== undefined) code.push(line);
    else addLine(blocks, line);
  }
  if (code !== undefined) blocks.push({ kind: 'code', text: code.join('\n') });
  return blocks.filter((block) => block.kind !== 'text' || block.lines.length > 0);
}

function addLine(blocks: Block[], line: string): void {
  const last = blocks.at(-1);
  const outer = last?.kind === 'list' ? last.items.at(-1) : undefined;
  if (outer !== undefined && line.trim() !== '' && indentation.test(line)) {
    addLine(outer.inner, line.replace(indentation, ''));
    return;
  }
  const item = bullet.exec(line.trimStart());
  if (item !== null) {
    const [, number, text = ''] = item;
    const ordered = number !== undefined;
    if (last?.kind === 'list' && last.ordered === ordered) last.items.push({ text, inner: [] });
    else
      blocks.push({
        kind: 'list',
        ordered,
        start: Number(number ?? 1),
        items: [{ text, inner: [] }],
      });
    return;
  }
  if (line.trim() === '') blocks.push({ kind: 'text', lines: [] });
  else if (last?.kind === 'text') last.lines.push(line.replace(/^#{1,4}\s+/, ''));
  else blocks.push({ kind: 'text', lines: [line.replace(/^#{1,4}\s+/, '')] });
}
