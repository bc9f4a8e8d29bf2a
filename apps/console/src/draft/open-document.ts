import { ChangeSet, Text } from '@codemirror/state';
import {
  completeAt,
  formatDefinition,
  hoverAt,
  placeOf,
  renameStep,
  stepAt,
  suggestImprovements,
  validateDefinition,
  type CompileOptions,
} from '@parley/dsl';
import type { Diagnostic } from '@parley/contracts';
import type { Checked, Questions, QuestionName, Refusal, TextChange } from './language-messages';

/** Typing has paused when nothing has come for this long. */
const pauseMs = 150;
/** Advice is for those who have stopped to think. */
const adviceMs = 350;

type Answers = { [K in QuestionName]: (ask: Questions[K]['ask']) => Questions[K]['answer'] };

/**
 * A text that is being changed in an editor of the page.
 *
 * O1  The page sends changes only; a text is put together here when something is asked of it.
 * O2  Questions are answered between checks: a check begins after a pause, and advice after it.
 */
export class OpenDocument {
  private text: Text;
  private whole: string | undefined;
  private version: number;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly optionsNow: () => CompileOptions;
  private readonly tell: (checked: Checked) => void;
  private readonly answers: Answers = {
    complete: ({ offset }) => completeAt(this.source(), offset, this.optionsNow()),
    hover: ({ offset }) => hoverAt(this.source(), offset, this.optionsNow()),
    step: ({ offset }) => stepAt(this.source(), offset),
    place: ({ pointer }) => {
      const place = placeOf(this.source(), pointer);
      return place && { from: place.start, to: place.end };
    },
    format: () => this.changeTo(formatDefinition(this.source())),
    rename: ({ path, name }) => this.changeTo(renameStep(this.source(), path, name)),
  };

  constructor(
    opened: { readonly text: string; readonly version: number },
    optionsNow: () => CompileOptions,
    tell: (checked: Checked) => void,
  ) {
    this.text = textOf(opened.text);
    this.version = opened.version;
    this.optionsNow = optionsNow;
    this.tell = tell;
    this.checkSoon(0);
  }

  change(version: number, changes: unknown): void {
    this.text = ChangeSet.fromJSON(changes).apply(this.text);
    this.whole = undefined;
    this.version = version;
    this.checkSoon(pauseMs);
  }

  answer<K extends QuestionName>(question: K, ask: Questions[K]['ask']): Questions[K]['answer'] {
    return this.answers[question](ask);
  }

  close(): void {
    clearTimeout(this.timer);
  }

  /** Checks again, e.g. when other operations are known. */
  checkSoon(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(), ms);
  }

  private check(): void {
    const { diagnostics } = validateDefinition(this.source(), this.optionsNow());
    this.report(diagnostics, []);
    if (diagnostics.some(({ severity }) => severity === 'error')) return;
    this.timer = setTimeout(() => this.advise(diagnostics), adviceMs);
  }

  private advise(diagnostics: readonly Diagnostic[]): void {
    const suggestions = suggestImprovements(this.source(), this.optionsNow());
    if (suggestions.length > 0) this.report(diagnostics, suggestions);
  }

  private report(diagnostics: readonly Diagnostic[], suggestions: Checked['suggestions']): void {
    this.tell({ version: this.version, diagnostics, suggestions });
  }

  private source(): string {
    this.whole ??= this.text.toString();
    return this.whole;
  }

  private changeTo(
    result: { ok: true; value: string } | { ok: false; error: readonly Diagnostic[] },
  ): TextChange | Refusal {
    if (result.ok) return changeBetween(this.source(), result.value);
    const [first] = result.error;
    if (first === undefined) return { refused: 'It cannot be done.' };
    return { refused: `Line ${String(first.range.start.line)}: ${first.message}` };
  }
}

function textOf(text: string): Text {
  return Text.of(text.split(/\r\n?|\n/));
}

/** What is left of a difference without what both begin and end with. */
function changeBetween(before: string, after: string): TextChange {
  if (before === after) return {};
  let from = 0;
  const shorter = Math.min(before.length, after.length);
  while (from < shorter && before[from] === after[from]) from += 1;
  let end = 0;
  while (end < shorter - from && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  const change = { from, to: before.length - end, insert: after.slice(from, after.length - end) };
  return { change };
}
