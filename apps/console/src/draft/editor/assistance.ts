import {
  autocompletion,
  pickedCompletion,
  startCompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete';
import type { Extension, Transaction } from '@codemirror/state';
import {
  activateHover,
  closeHoverTooltips,
  hasHoverTooltips,
  hoverTooltip,
  type EditorView,
  type Tooltip,
} from '@codemirror/view';
import type { Completion as Proposal } from '@parley/dsl';
import type { DocumentLink } from '../language';
import { fixesFor, type Fix } from './fixes';
import { markdownDom } from './markdown-dom';

/** How long the pointer rests before something is explained. */
const hoverMs = 350;

const icons: Readonly<Record<Proposal['kind'], string>> = {
  member: 'property',
  task: 'keyword',
  value: 'constant',
  reference: 'variable',
  variable: 'variable',
  function: 'function',
  snippet: 'text',
};

/** Completion and explanations; both come from the worker, the page only shows them. */
export function assistance(link: () => DocumentLink | undefined): Extension {
  return [
    autocompletion({
      override: [(context) => fixMenu(context) ?? proposals(context, link())],
      activateOnTypingDelay: 80,
      maxRenderedOptions: 100,
      tooltipClass: () => 'cm-completions',
    }),
    hoverTooltip((view, at) => explanation(view, at, link()), { hoverTime: hoverMs }),
  ];
}

async function proposals(
  context: CompletionContext,
  link: DocumentLink | undefined,
): Promise<CompletionResult | null> {
  const { pos, explicit, state } = context;
  if (link === undefined || state.readOnly) return null;
  if (!explicit && !isInviting(state.sliceDoc(state.doc.lineAt(pos).from, pos))) return null;
  const list = await link.ask('complete', { offset: pos });
  if (context.aborted || list.items.length === 0) return null;
  return {
    from: list.from,
    to: list.to,
    options: list.items.map(optionOf),
    filter: false,
    getMatch: ({ label }) => matchOf(label, state.sliceDoc(list.from, pos)),
  };
}

/** Typing opens the list in a name, behind a colon, and where an expression reads something. */
function isInviting(before: string): boolean {
  return /[\w$@.]$|:\s$|-\s$/.test(before) && !/^\s*#/.test(before);
}

function optionOf({ label, kind, detail, documentation, insertText }: Proposal): Completion {
  return {
    label,
    type: icons[kind],
    ...(detail === undefined ? {} : { detail }),
    ...(documentation === undefined ? {} : { info: () => ({ dom: markdownDom(documentation) }) }),
    apply: (view, completion, from, to) => {
      view.dispatch({
        changes: { from, to, insert: insertText },
        selection: { anchor: from + insertText.length },
        annotations: pickedCompletion.of(completion),
        userEvent: 'input.complete',
        scrollIntoView: true,
      });
    },
  };
}

function matchOf(label: string, typed: string): number[] {
  const wanted = typed.trim().replace(/^["']/, '').toLowerCase();
  const at = label.toLowerCase().indexOf(wanted);
  return wanted === '' || at === -1 ? [] : [at, at + wanted.length];
}

async function explanation(
  view: EditorView,
  at: number,
  link: DocumentLink | undefined,
): Promise<Tooltip | null> {
  const { doc } = view.state;
  const hover = await link?.ask('hover', { offset: at });
  if (hover === undefined || view.state.doc !== doc) return null;
  return {
    pos: hover.from,
    end: hover.to,
    above: true,
    create: () => ({ dom: markdownDom(hover.markdown, 'cm-prose cm-explanation') }),
  };
}

/** Explains what the cursor stands on. */
export function explainAtCursor(view: EditorView): boolean {
  const until = (change: Transaction) => change.docChanged || change.selection !== undefined;
  activateHover(view, view.state.selection.main.head, 1, { until });
  return true;
}

/** Closes what explains; Escape does nothing else then. */
export function closeExplanation(view: EditorView): boolean {
  if (!hasHoverTooltips(view.state)) return false;
  view.dispatch({ effects: closeHoverTooltips });
  return true;
}

let shown: { readonly view: EditorView; readonly fixes: readonly Fix[] } | undefined;

/** Applies the fix at the cursor; when there are several, they are shown to choose from. */
export function fixAtCursor(view: EditorView): boolean {
  const fixes = fixesFor(view, view.state.selection.main.head);
  const [first] = fixes;
  if (first === undefined) return false;
  if (fixes.length === 1) first.apply(view);
  else {
    shown = { view, fixes };
    startCompletion(view);
  }
  return true;
}

function fixMenu({ explicit, pos, view }: CompletionContext): CompletionResult | undefined {
  if (shown === undefined || shown.view !== view || !explicit) return undefined;
  const { fixes } = shown;
  shown = undefined;
  const options = fixes.map(({ title, code, message, apply }) => ({
    label: title,
    detail: code,
    type: 'keyword',
    info: message,
    apply: (target: EditorView) => apply(target),
  }));
  return { from: pos, options, filter: false };
}
