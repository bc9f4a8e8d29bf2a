import type { Edit } from '@parley/dsl';
import { tokenize, type Token } from '../language/tokens.js';
import { wordsOf } from '../language/stem.js';
import { joinJq, notJq, resolve } from '../plan/conditions.js';
import { camelName } from '../plan/names.js';
import { planList } from '../plan/planner.js';
import { expression, retryPolicy, writeSteps } from '../plan/write.js';
import { readCondition } from '../request/conditions.js';
import { parseRequest } from '../request/parse.js';
import type { Intent } from '../request/intents.js';
import { beforeStep, type Editor } from './editor.js';
import { plainStep, rateSteps } from './find-step.js';
import { bareJq, siblingsOf, type ViewStep } from './view.js';

/** A step that a phrase plainly means; nothing is asked. */
function known(editor: Editor, phrase: string, scoreMin = 0.72): ViewStep | undefined {
  const rated = rateSteps(editor.view, tokenize(phrase));
  const step = plainStep(rated);
  return step !== undefined && (rated[0]?.score ?? 0) >= scoreMin ? step : undefined;
}

/** "move A before B", "do A before B", "A should come first". */
export function moveStep(editor: Editor, text: string): boolean {
  const explicit = /^move (.+?) (?:to )?(before|after|behind|ahead of|in front of) (.+)$/i.exec(
    text,
  );
  const edge =
    /^move (.+?) (?:to )?(?:the )?(start|beginning|top|front|end|bottom)$/i.exec(text) ??
    /^(.+?) (?:should|must|has to|needs to) (?:come|happen|be done|run|be) (first|last)$/i.exec(
      text,
    ) ??
    /^do (.+?) (first|last)$/i.exec(text);
  const implied =
    /^(?:do |run )?(.+?) (?:should |must |has to |needs to )?(?:come |happen |be done |run )?(before|after) (.+)$/i.exec(
      text,
    );
  const swap = /^swap (?:the order of )?(.+?) and (.+)$/i.exec(text);
  if (swap !== null) return swapSteps(editor, swap[1] ?? '', swap[2] ?? '');
  if (edge !== null) {
    const step = known(editor, edge[1] ?? '');
    if (step === undefined) return false;
    const first = /start|beginning|top|front|first/i.test(edge[2] ?? '');
    return editor.apply([
      {
        kind: 'moveStep',
        step: step.path,
        at: { in: step.list, ...(first ? { first: true } : {}) },
      },
    ]);
  }
  const match = explicit ?? implied;
  if (match === null || /^(?:also|add|then|if|when)\b/i.test(text)) return false;
  const moved = known(editor, match[1] ?? '', explicit === null ? 0.9 : 0.6);
  const anchor = known(editor, match[3] ?? '', 0.6);
  if (moved === undefined || anchor === undefined || moved === anchor) return false;
  const before = /before|ahead|front/i.test(match[2] ?? '');
  const at = before ? { before: anchor.path } : { after: anchor.path };
  return editor.apply([{ kind: 'moveStep', step: moved.path, at }]);
}

function swapSteps(editor: Editor, a: string, b: string): boolean {
  const [first, second] = [known(editor, a), known(editor, b)].sort(
    (x, y) => (x?.index ?? 0) - (y?.index ?? 0),
  );
  if (first === undefined || second === undefined || first.list !== second.list) return false;
  const edits: Edit[] = [{ kind: 'moveStep', step: second.path, at: { before: first.path } }];
  const next = siblingsOf(editor.view, first.list)[second.index + 1];
  if (second.index - first.index > 1) {
    edits.push({
      kind: 'moveStep',
      step: first.path,
      at: next === undefined ? { in: first.list } : { before: next.path },
    });
  }
  return editor.apply(edits);
}

/** "do A and B in parallel" about steps that are there. */
export function runInParallel(editor: Editor, text: string): boolean {
  const [intent, ...more] = parseRequest(text, editor.context.index.verbs).intents;
  const spoken =
    /^(?:do|run|make|execute|perform|have|let)?\s*(.+?) (?:and|at the same time as|in parallel (?:with|to)|while) (.+?)(?: run)?(?: in parallel| at the same time| simultaneously| concurrently)?$/i.exec(
      text,
    );
  if (!/parallel|same time|simultaneous|concurrent/i.test(text) || /\balso\b/i.test(text))
    return false;
  const parts =
    intent?.kind === 'parallel' && more.length === 0
      ? intent.branches.map(textOfAction)
      : [spoken?.[1] ?? '', spoken?.[2] ?? ''];
  const phrases = parts.length === 1 ? (parts[0] ?? '').split(/ and |, /) : parts;
  const both =
    /^(?:do|run|make) (?:the )?(?:both|two|all)?(?: of)? ?(?:the )?(checks?|both checks|them)\b/i.test(
      text,
    );
  const steps = both ? leadingReads(editor) : phrases.map((phrase) => known(editor, phrase, 0.6));
  if (steps.length < 2 || steps.some((step) => step === undefined)) return false;
  return wrapParallel(editor, steps as ViewStep[]);
}

function textOfAction(intent: Intent): string {
  return intent.kind === 'action' ? intent.text : '';
}

function leadingReads(editor: Editor): ViewStep[] {
  const top = siblingsOf(editor.view, 'do');
  const cut = top.findIndex((step) => step.kind !== 'call');
  return cut < 0 ? top : top.slice(0, cut);
}

function wrapParallel(editor: Editor, steps: readonly ViewStep[]): boolean {
  const [first] = steps;
  if (first === undefined || new Set(steps.map(({ list }) => list)).size !== 1) return false;
  const moves: Edit[] = [];
  const ordered = [...steps].sort((a, b) => a.index - b.index);
  let last = ordered[0] ?? first;
  for (const step of ordered.slice(1)) {
    if (step.index !== last.index + 1)
      moves.push({ kind: 'moveStep', step: step.path, at: { after: last.path } });
    last = step;
  }
  const taken = new Set(editor.view.steps.map(({ name }) => name));
  const name = taken.has('inParallel') ? `inParallel${taken.size}` : 'inParallel';
  return editor.apply([
    ...moves,
    {
      kind: 'wrapSteps',
      steps: ordered.map(({ path }) => path),
      name,
      task: {},
      into: 'fork/branches',
    },
  ]);
}

const retryPattern =
  /^(?:also )?(?:re-?try|try) (.+?)? ?(?:again )?(?:for )?(?:up to |at most |a maximum of )?(\w+) (?:more )?times(?: (?:if|when|on|in case).*)?$/i;

/** "retry A up to 3 times" */
export function retryStep(editor: Editor, text: string): boolean {
  const match =
    retryPattern.exec(text) ??
    /^(?:if|when) (.+?) fails?,? (?:please )?(?:re-?try|try)(?: it| that| again)*(?: up to| at most)? (\w+)(?: times)?$/i.exec(
      text,
    );
  const amount = tokenize(match?.[2] ?? '')[0];
  const count = amount?.lower === 'once' ? 1 : amount?.value;
  if (match === null || count === undefined) return false;
  const phrase = (match[1] ?? 'it').replace(/ (?:up to|at most)$/i, '');
  const step = editor.findStep(tokenize(phrase), ({ kind }) => kind === 'call');
  if (step === undefined) return editor.questions.length > 0;
  const owner = editor.ownerOf(step);
  if (owner?.kind === 'try' && step.list === `${owner.path}/try`) {
    return editor.apply([
      { kind: 'setMember', step: owner.path, path: ['catch', 'retry'], value: retryPolicy(count) },
    ]);
  }
  const name = freeName(editor, camelName(['try', ...wordsOf(step.name)], 'trySteps'));
  return editor.apply([
    {
      kind: 'wrapSteps',
      steps: [step.path],
      name,
      task: { catch: { retry: retryPolicy(count) } },
      into: 'try',
    },
  ]);
}

function freeName(editor: Editor, wanted: string): string {
  const taken = new Set(editor.view.steps.map(({ name }) => name));
  let name = wanted;
  for (let count = 2; taken.has(name); count += 1) name = `${wanted}${count}`;
  return name;
}

/** "if A fails, B" about a step that is there. */
export function catchFailure(editor: Editor, text: string): boolean {
  const match =
    /^(?:also )?(?:if|when|should|in case) (.+?) (?:fails?|does not work|doesn't work|goes wrong|errors|is not successful),? (?:then )?(.+)$/i.exec(
      text,
    ) ?? /^(.+?) (?:if|when) (.+?) (?:fails?|goes wrong)$/i.exec(text);
  if (match === null) return false;
  const trailing = !/^(?:also )?(?:if|when|should|in case)/i.test(text);
  const phrase = (trailing ? match[2] : match[1]) ?? '';
  const handler = (trailing ? match[1] : match[2]) ?? '';
  const step = editor.findStep(tokenize(phrase), ({ kind }) => kind === 'call');
  if (step === undefined) return editor.questions.length > 0;
  const world = editor.worldAt(beforeStep(step));
  world.depth = 1;
  const planned = planList(world, parseRequest(handler, editor.context.index.verbs).intents);
  if (planned.length === 0) return false;
  const last = planned.at(-1);
  const stopping = last === undefined ? [] : [...planned.slice(0, -1), { ...last, then: 'end' }];
  const owner = editor.ownerOf(step);
  const list = writeSteps(stopping, true);
  const wrapped = owner?.kind === 'try' && step.list === `${owner.path}/try`;
  const name = freeName(editor, camelName(['try', ...wordsOf(step.name)], 'trySteps'));
  const edit: Edit = wrapped
    ? { kind: 'setMember', step: owner.path, path: ['catch', 'do'], value: list }
    : { kind: 'wrapSteps', steps: [step.path], name, task: { catch: { do: list } }, into: 'try' };
  if (!editor.apply([edit])) return false;
  editor.adopt(world);
  return true;
}

/** "only A if C", "skip A when C", "A only when C" about a step that is there. */
export function onlyIf(editor: Editor, text: string): boolean {
  const only =
    /^only (?<step>.+?) (?:if|when) (?<when>.+)$/i.exec(text) ??
    /^(?<step>.+?) (?:only|but only) (?:if|when) (?<when>.+)$/i.exec(text);
  const skip =
    /^(?:skip|do not|don't|no need to) (?<step>.+?) (?:if|when) (?<when>.+)$/i.exec(text) ??
    /^(?:if|when) (?<when>.+?),? (?:skip|do not|don't) (?<step>.+)$/i.exec(text) ??
    /^(?<step>.+?) unless (?<when>.+)$/i.exec(text);
  const match = only ?? skip;
  const phrase = match?.groups?.['step'];
  const when = match?.groups?.['when'];
  if (phrase === undefined || when === undefined) return false;
  const step = known(
    editor,
    phrase.replace(/^(?:it |we |to )/i, ''),
    skip === match && only === null ? 0.72 : 0.68,
  );
  if (step === undefined) return false;
  return setCondition(editor, step, { when: tokenize(when), negated: only === null });
}

export function setCondition(
  editor: Editor,
  step: ViewStep,
  condition: { readonly when: readonly Token[]; readonly negated: boolean },
): boolean {
  const world = editor.worldAt(beforeStep(step));
  const resolved = resolve(world, readCondition(condition.when));
  if (!resolved.ok) {
    world.questions.push(resolved.question);
    editor.adopt(world);
    return true;
  }
  const jq = condition.negated ? notJq(resolved.jq) : resolved.jq;
  const before = step.task['if'];
  const all = typeof before === 'string' ? joinJq([bareJq(before), jq], 'and') : jq;
  if (!editor.apply([{ kind: 'setCondition', step: step.path, if: expression(all) }])) return false;
  editor.adopt(world);
  return true;
}
