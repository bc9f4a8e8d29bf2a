/** A feature file, as far as the conformance kit uses the language Gherkin. */
export interface Feature {
  readonly name: string;
  readonly scenarios: readonly Scenario[];
}

export interface Scenario {
  readonly name: string;
  readonly steps: readonly Step[];
}

export interface Step {
  /** Without its keyword. */
  readonly text: string;
  /** The text between triple quotes below the step, without the indentation of the quotes. */
  readonly document?: string;
  readonly line: number;
}

const headPattern = /^(Feature|Scenario|Example):\s*(.*)$/;
const stepPattern = /^(?:Given|When|Then|And|But|\*)\s+(.*)$/;
const quotes = '"""';

interface Draft {
  name: string;
  steps: { text: string; document?: string; line: number }[];
}

/**
 * Reads features, scenarios, steps and their documents. Backgrounds, outlines, tables and tags are
 * refused: the kit has none, and what is not understood must not pass.
 */
export function parseFeature(source: string): Feature {
  const lines = source.split(/\r?\n/);
  let name: string | undefined;
  const scenarios: Draft[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const text = (lines[at] ?? '').trim();
    if (text === '' || text.startsWith('#')) continue;
    const [, keyword, title = ''] = headPattern.exec(text) ?? [];
    const step = stepPattern.exec(text)?.[1];
    const scenario = scenarios.at(-1);
    if (keyword === 'Feature' && name === undefined) name = title;
    else if (keyword !== undefined && keyword !== 'Feature') {
      scenarios.push({ name: title, steps: [] });
    } else if (step !== undefined && scenario !== undefined) {
      scenario.steps.push({ text: step, line: at + 1 });
    } else if (text.startsWith(quotes) && scenario !== undefined) {
      at = readDocument(lines, at, scenario);
    } else if (scenario !== undefined || /^(?:Background|Scenario Outline|Rule|@|\|)/.test(text)) {
      throw new Error(`line ${String(at + 1)} is not understood: ${text}`);
    }
  }
  if (name === undefined) throw new Error('there is no feature in this file');
  return { name, scenarios };
}

/** @returns the line on which the document ends */
function readDocument(lines: readonly string[], start: number, scenario: Draft): number {
  const step = scenario.steps.at(-1);
  const indent = (lines[start] ?? '').indexOf(quotes);
  const end = lines.findIndex((line, at) => at > start && line.trim() === quotes);
  if (step === undefined || step.document !== undefined || end < 0) {
    throw new Error(
      `line ${String(start + 1)} begins a text that belongs to no step or never ends`,
    );
  }
  const unindented = (line: string) => line.slice(Math.min(indent, line.search(/\S|$/)));
  step.document = lines
    .slice(start + 1, end)
    .map(unindented)
    .join('\n');
  return end;
}
