import { blocksOf, type Block } from '../../ui/markdown';

/** Markdown as elements for tooltips. Nothing in it is ever read as HTML. */
export function markdownDom(markdown: string, className = 'cm-prose'): HTMLElement {
  const root = document.createElement('div');
  root.className = className;
  root.append(...blocksOf(markdown).map(blockDom));
  return root;
}

function blockDom(block: Block): HTMLElement {
  if (block.kind === 'code') return element('pre', [block.text]);
  if (block.kind === 'text') {
    const lines = block.lines.flatMap((line, at) =>
      at === 0 ? inline(line) : [document.createElement('br'), ...inline(line)],
    );
    return element('p', lines);
  }
  const items = block.items.map(({ text, inner }) =>
    element('li', [...inline(text), ...inner.map(blockDom)]),
  );
  return element(block.ordered ? 'ol' : 'ul', items);
}

function inline(text: string): (Node | string)[] {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/g).map((part) => {
    if (/^`[^`]+`$/.test(part)) return element('code', [part.slice(1, -1)]);
    if (/^\*\*[^*]+\*\*$/.test(part)) return element('strong', inline(part.slice(2, -2)));
    return part;
  });
}

function element(name: string, children: readonly (Node | string)[]): HTMLElement {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}
