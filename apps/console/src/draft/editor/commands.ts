import { EditorView, showDialog } from '@codemirror/view';
import type { DocumentLink } from '../language';
import type { Refusal, TextChange } from '../language-messages';

/** What commands need besides the editor. */
export interface CommandContext {
  readonly link: () => DocumentLink | undefined;
  /** Tells the person why something cannot be done. */
  readonly refuse: (why: string) => void;
}

/** Writes the text the usual way. The cursor stays at what it stood on. */
export async function format(view: EditorView, { link, refuse }: CommandContext): Promise<void> {
  if (view.state.readOnly) return;
  const { doc } = view.state;
  const outcome = await link()?.ask('format', {});
  if (outcome === undefined || view.state.doc !== doc) return;
  apply(view, outcome, refuse);
}

/** Asks for another name of the step at the cursor, and changes it wherever it stands. */
export async function renameAtCursor(view: EditorView, context: CommandContext): Promise<void> {
  const { link, refuse } = context;
  if (view.state.readOnly) return;
  const step = await link()?.ask('step', { offset: view.state.selection.main.head });
  if (step === undefined) {
    refuse('The cursor is not in a step.');
    return;
  }
  const { result } = showDialog(view, {
    label: `New name of ${step.name}`,
    input: { name: 'name', value: step.name, 'aria-label': `New name of ${step.name}` },
    submitLabel: 'Rename',
    focus: true,
    class: 'cm-rename',
  });
  const form = await result;
  view.focus();
  const name = form === null ? '' : nameIn(form);
  if (name === '' || name === step.name) return;
  const { doc } = view.state;
  const outcome = await link()?.ask('rename', { path: step.path, name });
  if (outcome !== undefined && view.state.doc === doc) apply(view, outcome, refuse);
}

function nameIn(form: HTMLFormElement): string {
  const given = new FormData(form).get('name');
  return typeof given === 'string' ? given.trim() : '';
}

function apply(
  view: EditorView,
  outcome: TextChange | Refusal,
  refuse: (why: string) => void,
): void {
  if ('refused' in outcome) {
    refuse(outcome.refused);
    return;
  }
  const { change } = outcome;
  if (change === undefined) return;
  const { from, to, insert } = change;
  const anchor = placeAfter(view, change);
  view.dispatch({
    changes: { from, to, insert },
    ...(anchor === undefined ? {} : { selection: { anchor } }),
    userEvent: 'input.rewrite',
    scrollIntoView: true,
  });
}

/** Where the cursor goes when what it stands in is written anew: behind as many visible characters. */
function placeAfter(
  view: EditorView,
  { from, to, insert }: { from: number; to: number; insert: string },
): number | undefined {
  const { head } = view.state.selection.main;
  if (head <= from || head >= to) return undefined;
  let left = view.state.sliceDoc(from, head).replace(/\s/g, '').length;
  let at = 0;
  while (left > 0 && at < insert.length) {
    if (!/\s/.test(insert.charAt(at))) left -= 1;
    at += 1;
  }
  return from + at;
}

/** The pointer of the step that the cursor is in. */
export async function pointerAtCursor(
  view: EditorView,
  { link }: CommandContext,
): Promise<string | undefined> {
  const step = await link()?.ask('step', { offset: view.state.selection.main.head });
  return step?.pointer;
}

/** Puts the cursor on the step, or whatever else, at a pointer, and shows it. */
export async function reveal(
  view: EditorView,
  pointer: string,
  { link }: CommandContext,
): Promise<void> {
  const place = await link()?.ask('place', { pointer });
  if (place !== undefined) goTo(view, place.from, place.to);
}

export function goTo(view: EditorView, from: number, to = from): void {
  const limit = view.state.doc.length;
  const [anchor, head] = [Math.min(to, limit), Math.min(from, limit)];
  view.dispatch({
    selection: { anchor, head },
    effects: EditorView.scrollIntoView(head, { y: 'center' }),
  });
  view.focus();
}
