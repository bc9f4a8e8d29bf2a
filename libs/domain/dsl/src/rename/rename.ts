import { compensateOf } from '../language/compensation.js';
import type { Diagnostic } from '@parley/contracts';
import { err, ok, type Result } from '@parley/kernel';
import { findStep, pathsLike, type FoundStep } from '../edit/locate.js';
import { diagnosticsOf, type Edited, type Readable } from '../edit/refusal.js';
import { applyPatches, type Patch } from '../edit/text.js';
import { declaredKinds, type Declared } from '../language/shape.js';
import { parseDefinition } from '../source/parse.js';
import { memberOf, textOf, unescapeToken, type ListNode, type SourceNode } from '../source/tree.js';
import { whyNot, written } from './names.js';
import { isSameSymbol, namesIn, occurrencesIn, type Occurrence, type Symbol } from './symbols.js';

/**
 * Gives a step another name, and every `then` that leads to it. The path is a name path
 * (`do/checkStock`); `use/retries/usual` and the like name what `use` declares, which is renamed with
 * every reference.
 *
 * R1  Nothing but the name changes, wherever it stands: every other byte stays.
 */
export function renameStep(
  source: string,
  path: string,
  newName: string,
): Result<string, Diagnostic[]> {
  return reading(source, (parsed) => {
    const found = findStep(parsed.root, path);
    if (found !== undefined) return renameTask(parsed, found, newName);
    const symbol = declaredAt(parsed.root, path);
    if (symbol !== undefined) return renameSymbol(parsed, symbol, newName);
    const suggestions = pathsLike(parsed.root, path);
    return err({ code: 'PL1080', message: `There is no step "${path}"`, suggestions });
  });
}

/** Renames what stands at an offset of the text: a name where it is given, or where it is used. */
export function renameAt(
  source: string,
  offset: number,
  newName: string,
): Result<string, Diagnostic[]> {
  return reading(source, (parsed) => {
    const occurrence = occurrencesIn(source, parsed.root).find(
      ({ span }) => span.start <= offset && offset <= span.end,
    );
    if (occurrence !== undefined) return renameSymbol(parsed, occurrence.symbol, newName);
    const span = { start: offset, end: offset };
    const message = 'Nothing that has a name stands here';
    return err({ code: 'PL1083', message, at: { span, pointer: '' } });
  });
}

/** Renames a step that was found; what the tables do not know of is renamed, too. */
export function renameTask(parsed: Readable, { entry, list }: FoundStep, newName: string): Edited {
  const symbol: Symbol = { kind: 'task', list, name: entry.key };
  const key: Occurrence = { symbol, span: entry.keySpan, as: 'key' };
  const targets = targetsIn(list, entry.key).map(({ span }): Occurrence => {
    return { symbol, span, as: 'text' };
  });
  return rename(parsed, [key, ...targets], newName);
}

function renameSymbol(parsed: Readable, symbol: Symbol, newName: string): Edited {
  const occurrences = occurrencesIn(parsed.source, parsed.root).filter((occurrence) =>
    isSameSymbol(occurrence.symbol, symbol),
  );
  return rename(parsed, occurrences, newName);
}

function rename(parsed: Readable, occurrences: readonly Occurrence[], newName: string): Edited {
  const [first] = occurrences;
  if (first === undefined || first.symbol.name === newName) return ok(parsed.source);
  const at = { span: first.span, pointer: '' };
  const reason = whyNot(first.symbol.kind, newName);
  if (reason !== undefined) return err({ code: 'PL1083', message: reason, at });
  const names = namesBeside(parsed.root, first.symbol);
  if (names.has(newName)) {
    return err({
      code: 'PL1082',
      message: `There is a "${newName}" already`,
      suggestions: [freeName(names, newName)],
      at,
    });
  }
  const patches = occurrences.map((occurrence): Patch => {
    return { ...occurrence.span, newText: written(parsed.source, occurrence, newName) };
  });
  const text = applyPatches(parsed.source, patches);
  if (parseDefinition(text).root !== undefined) return ok(text);
  return err({ code: 'PL1083', message: 'The name cannot be changed as it is written', at });
}

/** Every `then` of a list that leads to a name. */
function targetsIn(list: ListNode, name: string): SourceNode[] {
  return list.items.flatMap((item) => {
    const task = item.kind === 'map' ? item.entries[0]?.value : undefined;
    const cases = memberOf(task, 'switch');
    const branches = cases?.kind === 'list' ? cases.items : [];
    const targets = [
      memberOf(task, 'then'),
      ...(task === undefined ? [] : [compensateOf(task)]),
      memberOf(memberOf(task, 'catch'), 'then'),
      ...branches.map((branch) =>
        memberOf(branch.kind === 'map' ? branch.entries[0]?.value : undefined, 'then'),
      ),
    ];
    return targets.filter((node): node is SourceNode => textOf(node) === name);
  });
}

/** Names that something must not have because another one has it. */
function namesBeside(root: SourceNode, symbol: Symbol): ReadonlySet<string> {
  if ('list' in symbol) return namesIn(symbol.list);
  const node = memberOf(memberOf(root, 'use'), symbol.kind);
  if (node?.kind === 'map') return new Set(node.entries.map(({ key }) => key));
  return new Set(node?.kind === 'list' ? node.items.flatMap((item) => textOf(item) ?? []) : []);
}

function freeName(names: ReadonlySet<string>, name: string): string {
  let count = 2;
  while (names.has(`${name}${count}`)) count += 1;
  return `${name}${count}`;
}

function declaredAt(root: SourceNode, path: string): Symbol | undefined {
  const [use, kind = '', token = '', ...more] = path.split('/');
  if (use !== 'use' || more.length > 0 || !isDeclared(kind)) return undefined;
  const symbol: Symbol = { kind, name: unescapeToken(token) };
  return namesBeside(root, symbol).has(symbol.name) ? symbol : undefined;
}

/** Reads a text, and words a refusal as a diagnostic of it. */
function reading(
  source: string,
  change: (parsed: Readable) => Edited,
): Result<string, Diagnostic[]> {
  const parsed = parseDefinition(source);
  if (parsed.root === undefined) return err(parsed.reporter.diagnostics());
  const changed = change(parsed as Readable);
  return changed.ok ? changed : err(diagnosticsOf(source, changed.error));
}

function isDeclared(kind: string): kind is Declared {
  return declaredKinds.some((one) => one === kind);
}
