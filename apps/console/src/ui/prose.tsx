import { Fragment, type ReactNode } from 'react';
import styles from './prose.module.css';

interface Item {
  readonly text: string;
  /** What stands indented below the item. */
  readonly inner: Block[];
}

type Block =
  | { kind: 'text'; lines: string[] }
  | { kind: 'list'; ordered: boolean; start: number; items: Item[] }
  | { kind: 'code'; text: string };

const bullet = /^(?:[-*•]|(\d{1,3})[.)])\s+(.*)$/;
const indentation = /^(?: {2,4}|\t)/;

/** Reads the little Markdown that agents write: paragraphs, lists, code, bold. */
function blocksOf(text: string): Block[] {
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

function inline(text: string): ReactNode[] {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/g).map((part, at) => {
    if (/^`[^`]+`$/.test(part)) return <code key={at}>{part.slice(1, -1)}</code>;
    if (/^\*\*[^*]+\*\*$/.test(part)) return <strong key={at}>{part.slice(2, -2)}</strong>;
    return <Fragment key={at}>{part}</Fragment>;
  });
}

function lines(texts: readonly string[]): ReactNode[] {
  return texts.map((text, at) => (
    <Fragment key={at}>
      {at === 0 ? null : <br />}
      {inline(text)}
    </Fragment>
  ));
}

function Blocks({ blocks }: { blocks: readonly Block[] }) {
  return blocks.map((block, at) => {
    if (block.kind === 'code') return <pre key={at}>{block.text}</pre>;
    if (block.kind === 'text') return <p key={at}>{lines(block.lines)}</p>;
    const items = block.items.map(({ text, inner }, index) => (
      <li key={index}>
        {inline(text)}
        <Blocks blocks={inner} />
      </li>
    ));
    if (!block.ordered) return <ul key={at}>{items}</ul>;
    return (
      <ol key={at} start={block.start}>
        {items}
      </ol>
    );
  });
}

/** Text of an agent or a person; never interpreted as HTML. */
export function Prose({ text }: { text: string }) {
  return (
    <div className={styles['prose']}>
      <Blocks blocks={blocksOf(text)} />
    </div>
  );
}
