import { Fragment, type ReactNode } from 'react';
import { blocksOf, type Block } from './markdown';
import styles from './prose.module.css';

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
