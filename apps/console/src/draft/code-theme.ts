import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--ok)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom, tags.keyword], color: 'var(--warn)' },
  { tag: [tags.special(tags.variableName), tags.operatorKeyword], color: 'var(--info)' },
  { tag: tags.comment, color: 'var(--text-2)', fontStyle: 'italic' },
  { tag: [tags.punctuation, tags.separator, tags.meta], color: 'var(--text-2)' },
]);

const look = EditorView.theme({
  '&': { height: '100%', backgroundColor: 'var(--surface)', color: 'var(--text)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', fontSize: '13px', lineHeight: '1.55' },
  '.cm-content': { caretColor: 'var(--text)', padding: '12px 0' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--text)' },
  '.cm-gutters': {
    backgroundColor: 'var(--surface)',
    color: 'var(--text-2)',
    border: 'none',
  },
  '.cm-activeLine, .cm-activeLineGutter': {
    backgroundColor: 'color-mix(in srgb, var(--surface-2) 60%, transparent)',
  },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground':
    { background: 'color-mix(in srgb, var(--accent) 28%, transparent) !important' },
  '.cm-selectionMatch': { backgroundColor: 'var(--accent-soft)' },
  '.cm-matchingBracket': { backgroundColor: 'var(--accent-soft)', outline: 'none' },
  '.cm-tooltip': {
    border: '1px solid var(--border)',
    borderRadius: '6px',
    backgroundColor: 'var(--surface)',
    color: 'var(--text)',
    fontFamily: 'var(--font)',
    maxWidth: 'min(480px, 90vw)',
  },
  '.cm-panels': {
    backgroundColor: 'var(--surface)',
    color: 'var(--text)',
    fontFamily: 'var(--font)',
  },
  '.cm-panels.cm-panels-bottom': { borderTop: '1px solid var(--border)' },
  '.cm-panels.cm-panels-top': { borderBottom: '1px solid var(--border)' },
  '.cm-tooltip.cm-completions > ul': { fontFamily: 'var(--mono)', maxHeight: '16em' },
  '.cm-tooltip.cm-completions > ul > li': { padding: '2px 10px 2px 4px', lineHeight: '1.5' },
  '.cm-tooltip.cm-completions > ul > li[aria-selected]': {
    backgroundColor: 'var(--accent-soft)',
    color: 'var(--text)',
  },
  '.cm-completionMatchedText': {
    textDecoration: 'none',
    color: 'var(--accent)',
    fontWeight: '600',
  },
  '.cm-completionDetail': { color: 'var(--text-2)', fontStyle: 'normal', fontSize: '12px' },
  '.cm-completionIcon': { color: 'var(--text-2)' },
  '.cm-tooltip.cm-completionInfo': { padding: '8px 12px', width: 'min(360px, 80vw)' },
  '.cm-prose': { fontSize: '13px', lineHeight: '1.45', overflowWrap: 'anywhere' },
  '.cm-prose > *': { margin: '0 0 6px' },
  '.cm-prose > :last-child': { marginBottom: '0' },
  '.cm-prose ul, .cm-prose ol': { paddingLeft: '1.3em' },
  '.cm-prose code, .cm-prose pre': {
    padding: '0 4px',
    borderRadius: '4px',
    backgroundColor: 'var(--surface-2)',
    fontFamily: 'var(--mono)',
    fontSize: '12px',
  },
  '.cm-prose pre': { padding: '6px 8px', overflow: 'auto', whiteSpace: 'pre' },
  '.cm-explanation': { padding: '8px 12px', maxHeight: '40vh', overflow: 'auto' },
  '.cm-dialog': { padding: '8px 40px 8px 12px', fontSize: '13px' },
  '.cm-dialog label': {
    display: 'inline-flex',
    alignItems: 'center',
    gap: '8px',
    fontSize: '13px',
  },
  '.cm-dialog input, .cm-dialog .cm-button': {
    padding: '4px 8px',
    border: '1px solid var(--border-strong)',
    borderRadius: '6px',
    fontSize: '13px',
  },
  '.cm-dialog .cm-button': { marginLeft: '8px' },
  '.cm-dialog-close': { fontSize: '18px', color: 'var(--text-2)' },
  '.cm-panels input, .cm-panels button': { color: 'var(--text)' },
  '.cm-button': { backgroundImage: 'none', backgroundColor: 'var(--surface-2)' },
  '.cm-textfield': { backgroundColor: 'var(--surface)', borderColor: 'var(--border-strong)' },
  '.cm-diagnostic': { padding: '6px 10px', borderLeftWidth: '3px' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--bad)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--warn)' },
  '.cm-diagnostic-info': { borderLeftColor: 'var(--info)' },
  '.cm-lintRange-info': {
    backgroundImage: 'none',
    textDecoration: 'underline dotted var(--info)',
    textUnderlineOffset: '3px',
  },
  '.cm-diagnosticAction': { backgroundColor: 'var(--accent)', color: 'var(--accent-text)' },
});

/** Colours of the console, light and dark, for code. */
export const codeTheme: Extension = [look, syntaxHighlighting(colours)];
