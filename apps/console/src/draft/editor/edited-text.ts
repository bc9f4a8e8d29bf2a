import { indentWithTab } from '@codemirror/commands';
import { lintGutter } from '@codemirror/lint';
import { Compartment, EditorState, type Extension } from '@codemirror/state';
import { EditorView, keymap, type Command, type ViewUpdate } from '@codemirror/view';
import type { Diagnostic } from '@parley/contracts';
import { basicSetup } from 'codemirror';
import { codeTheme } from '../code-theme';
import { openDocument, type Checked, type DocumentLink } from '../language';
import { assistance, closeExplanation, explainAtCursor, fixAtCursor } from './assistance';
import {
  format,
  goTo,
  pointerAtCursor,
  renameAtCursor,
  reveal,
  type CommandContext,
} from './commands';
import { markFindings, offsetOf } from './fixes';
import { definitionLanguage } from './yaml-language';

export interface EditedTextOptions {
  readonly text: string;
  readonly label: string;
  readonly onChange: (text: string) => void;
  readonly onSave: () => void;
  /** What was found no longer holds: the text has changed. */
  readonly onEdited: () => void;
  readonly onChecked: (checked: Checked) => void;
  readonly onShowStep: (pointer: string) => void;
  readonly onRefused: (why: string) => void;
}

/** The page gives back what it was told before long. */
const toldMax = 20;
/** Typing has paused: now the page may learn of the whole text. */
const pauseMs = 250;

/**
 * A text in an editor.
 *
 * E1  A keystroke costs its change: the worker gets the change, and the whole text is put together
 *     for the page only when typing pauses, the editor is left, or the text is saved.
 * E2  What the page puts in is not told back to it, and what it was told is not put in again: the
 *     text may have changed since.
 */
export class EditedText {
  private readonly view: EditorView;
  private readonly options: EditedTextOptions;
  private readonly access = new Compartment();
  private readonly context: CommandContext;
  private link: DocumentLink | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** The page knows that what was found no longer holds. */
  private isStale = false;
  /** The text as the page knows it. */
  private known: string;
  /** It has been changed since the page put it in. */
  private isTouched = false;
  /** Texts that the page was told and has not given back yet. */
  private told: string[] = [];

  constructor(parent: HTMLElement, options: EditedTextOptions) {
    this.options = options;
    this.known = options.text;
    this.context = { link: () => this.link, refuse: options.onRefused };
    this.view = new EditorView({ parent, doc: options.text, extensions: this.extensions() });
  }

  private extensions(): Extension {
    return [
      keymap.of([...this.keys(), indentWithTab]),
      basicSetup,
      definitionLanguage,
      lintGutter(),
      assistance(() => this.link),
      codeTheme,
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ 'aria-label': this.options.label }),
      EditorView.updateListener.of((update) => this.updated(update)),
      EditorView.domEventHandlers({ blur: () => this.flush() }),
      this.access.of([]),
    ];
  }

  private keys() {
    const run = (does: () => void): Command => {
      return () => {
        does();
        return true;
      };
    };
    return [
      { key: 'Mod-s', run: run(() => this.save()), preventDefault: true },
      { key: 'Shift-Alt-f', run: run(() => this.format()) },
      { key: 'F2', run: run(() => this.rename()) },
      { key: 'Mod-.', run: fixAtCursor },
      { key: 'Mod-k Mod-i', run: explainAtCursor },
      { key: 'Mod-Alt-g', run: run(() => this.showStep()) },
      { key: 'Escape', run: closeExplanation },
    ];
  }

  private updated(update: ViewUpdate): void {
    if (!update.docChanged) return;
    this.link?.change(update.changes.toJSON());
    if (!this.isStale) this.options.onEdited();
    this.isStale = true;
    clearTimeout(this.timer);
    // That there are changes is told at once, so that nothing moves in the page later.
    this.timer = setTimeout(() => this.flush(), this.isTouched ? pauseMs : 0);
    this.isTouched = true;
  }

  /** Tells the page of the text, when it does not know it yet. */
  private flush(): void {
    if (this.timer === undefined) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    const text = this.view.state.doc.toString();
    if (text === this.known) return;
    this.known = text;
    this.told = [...this.told.slice(-toldMax), text];
    this.options.onChange(text);
  }

  private save(): void {
    this.flush();
    // The page renders what it has just been told before it saves.
    setTimeout(() => this.options.onSave());
  }

  /** Takes over a text of the page, and keeps cursor and history. */
  setText(text: string): void {
    const echo = this.told.indexOf(text);
    this.told = echo === -1 ? [] : this.told.slice(echo + 1);
    if (echo !== -1 || text === this.known) return;
    this.known = text;
    clearTimeout(this.timer);
    this.timer = undefined;
    const { doc } = this.view.state;
    if (doc.toString() === text) return;
    this.view.dispatch({ changes: { from: 0, to: doc.length, insert: text } });
    clearTimeout(this.timer);
    this.timer = undefined;
    this.isTouched = false;
  }

  setReadOnly(isReadOnly: boolean): void {
    const extension = isReadOnly
      ? [
          EditorState.readOnly.of(true),
          EditorView.editable.of(false),
          // It can be walked through with the keyboard all the same.
          EditorView.contentAttributes.of({ tabindex: '0' }),
        ]
      : [];
    this.view.dispatch({ effects: this.access.reconfigure(extension) });
  }

  /** Has the text checked from now on, until the returned function is called. */
  open(timezone: string | undefined): () => void {
    const link = openDocument({
      timezone,
      text: () => this.view.state.doc.toString(),
      onChecked: (checked) => {
        this.isStale = false;
        this.view.dispatch(markFindings(checked)(this.view.state));
        this.options.onChecked(checked);
      },
    });
    this.link = link;
    return () => {
      link.close();
      if (this.link === link) this.link = undefined;
    };
  }

  format(): void {
    void format(this.view, this.context);
  }

  rename(): void {
    void renameAtCursor(this.view, this.context);
  }

  showStep(): void {
    void pointerAtCursor(this.view, this.context).then((pointer) => {
      if (pointer === undefined) this.options.onRefused('The cursor is not in a step.');
      else this.options.onShowStep(pointer);
    });
  }

  reveal(pointer: string): void {
    void reveal(this.view, pointer, this.context);
  }

  goTo(position: Diagnostic['range']['start']): void {
    goTo(this.view, offsetOf(this.view.state.doc, position));
  }

  applyFix({ range, newText }: NonNullable<Diagnostic['fix']>): void {
    const { doc } = this.view.state;
    this.view.dispatch({
      changes: { from: offsetOf(doc, range.start), to: offsetOf(doc, range.end), insert: newText },
      userEvent: 'input.fix',
      scrollIntoView: true,
    });
    this.view.focus();
  }

  destroy(): void {
    this.flush();
    this.link?.close();
    this.view.destroy();
  }
}
