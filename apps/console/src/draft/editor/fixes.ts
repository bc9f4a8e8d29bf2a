import { forEachDiagnostic, setDiagnostics, type Diagnostic as Mark } from '@codemirror/lint';
import type { EditorState, Text } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import type { Diagnostic } from '@parley/contracts';
import { hintOf } from '../diagnostic-list';
import type { Checked } from '../language';
import { findingOf } from './finding';

/** A change that mends something. */
export interface Fix {
  readonly title: string;
  readonly code: string;
  readonly message: string;
  readonly apply: (view: EditorView) => void;
}

type Finding = Pick<Diagnostic, 'code' | 'severity' | 'message' | 'range' | 'fix'>;

/** Marks what was found; later changes of the text move the marks. */
export function markFindings({
  diagnostics,
  suggestions,
}: Pick<Checked, 'diagnostics' | 'suggestions'>) {
  return (state: EditorState) =>
    setDiagnostics(state, [
      ...diagnostics.map((one) => markOf(state.doc, one, hintOf(one))),
      ...suggestions.map((one) => markOf(state.doc, findingOf(one), '')),
    ]);
}

function markOf(doc: Text, { code, severity, message, range, fix }: Finding, hint: string): Mark {
  const from = offsetOf(doc, range.start);
  return {
    from,
    to: Math.max(from, offsetOf(doc, range.end)),
    severity,
    source: code,
    message: [message, hint].filter(Boolean).join('\n'),
    ...(fix === undefined ? {} : { actions: [actionOf(doc, fix)] }),
  };
}

/** Fixes are of the text that was checked; what has been typed since has moved their place. */
function actionOf(doc: Text, fix: NonNullable<Diagnostic['fix']>) {
  const wanted = doc.sliceString(offsetOf(doc, fix.range.start), offsetOf(doc, fix.range.end));
  return {
    name: fix.title,
    apply: (view: EditorView) => {
      const from = offsetOf(view.state.doc, fix.range.start);
      const to = offsetOf(view.state.doc, fix.range.end);
      const isMoved = view.state.doc !== doc;
      if (isMoved && (wanted === '' || view.state.sliceDoc(from, to) !== wanted)) return;
      view.dispatch({
        changes: { from, to, insert: fix.newText },
        userEvent: 'input.fix',
        scrollIntoView: true,
      });
      view.focus();
    },
  };
}

/** The fixes at a place: of what is marked there, else of what is marked on its line. */
export function fixesFor(view: EditorView, at: number): Fix[] {
  const line = view.state.doc.lineAt(at);
  const here: Fix[] = [];
  const near: Fix[] = [];
  forEachDiagnostic(view.state, ({ actions = [], source = '', message }, from, to) => {
    for (const { name, apply } of actions) {
      const fix = {
        title: name,
        code: source,
        message,
        apply: (target: EditorView) => apply(target, from, to),
      };
      if (from <= at && at <= to) here.push(fix);
      else if (from <= line.to && to >= line.from) near.push(fix);
    }
  });
  return here.length > 0 ? here : near;
}

/** Positions may be of a text that has been changed since; they are kept inside of this one. */
export function offsetOf(doc: Text, position: { line: number; column: number }): number {
  if (position.line > doc.lines) return doc.length;
  const line = doc.line(Math.max(1, position.line));
  return Math.min(line.to, line.from + Math.max(0, position.column - 1));
}
