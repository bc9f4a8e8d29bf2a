import type { Edit } from '@parley/dsl';
import { isJsonObject } from '@parley/kernel';
import { tokenize, type Token } from '../language/tokens.js';
import type { OpenQuestion } from '../plan/model.js';
import { camelName } from '../plan/names.js';
import { findPeople } from '../plan/people.js';
import type { PlanContext } from '../plan/plan-request.js';
import { findSchedule } from '../request/schedule.js';
import { stopsSchedule, withoutDenied } from '../request/stopping.js';
import { parseRequest } from '../request/parse.js';
import { wordsOf } from '../language/stem.js';
import { isContent } from '../plan/match.js';
import { Editor } from './editor.js';
import { changeNumber } from './numbers.js';
import { insertRequest } from './insert.js';
import { removeStep } from './remove.js';
import { renameReads } from './rename-reads.js';
import { replaceStep } from './replace.js';
import { runInParallel, onlyIf, retryStep, catchFailure, moveStep } from './reshape.js';
import { readDraft, type ViewStep } from './view.js';

export interface Edited {
  readonly source: string;
  readonly questions: readonly OpenQuestion[];
  readonly notes: readonly string[];
}

/**
 * Changes a draft as a request says; undefined when the request is not understood as a change. The
 * forms are tried from the plainest to the most general; adding steps comes last, unless it is not
 * to be tried at all.
 */
export function planEdit(
  source: string,
  text: string,
  context: PlanContext,
  { isAdding = true }: { readonly isAdding?: boolean } = {},
): Edited | undefined {
  const view = readDraft(source, context.index);
  if (view === undefined) return undefined;
  const editor = new Editor(view, context);
  const allowed = isAdding ? [...commands, insertRequest] : commands;
  for (const said of commandsOf(text)) {
    if (!allowed.some((command) => command(editor, said))) return undefined;
  }
  if (!editor.touched) return undefined;
  return { source: editor.view.source, questions: editor.questions, notes: editor.notes };
}

const politeness =
  /^(?:(?:hi|hello|hey|ok|okay|great|thanks|thank you|perfect|nice|good|looks good|yes|no|actually|hmm|oh|but|and|now|sorry|cool|fine)[,!. ]+)*(?:(?:please|kindly)[, ]+)?(?:(?:can|could|would) you (?:please )?|i(?:'d| would) like (?:you )?to |i(?:'d| would) (?:rather|prefer) (?:to )?|i (?:want|need) (?:you )?to |we (?:want|need|have|should|must) (?:to )?|let's |let us |you should |it should )?(?:please )?(?:just )?/i;

/** Whether a text only says that the workflow is not to start by itself any more. */
export function onlyStopsSchedule(text: string): boolean {
  const said = commandsOf(text);
  return said.length > 0 && said.every(stopsSchedule);
}

/** One command per sentence; "and" begins another one only before a word of editing. */
function commandsOf(text: string): string[] {
  return text
    .split(
      /(?<!\d)[.;!?]+(?:\s+|$)|\n+|,?\s+and\s+(?=(?:also|remove|delete|drop|skip|replace|rename|change|move|add)\b)/i,
    )
    .map((command) => command.trim().replace(politeness, '').trim())
    .filter((command) => command !== '');
}

type Command = (editor: Editor, text: string) => boolean;

const commands: readonly Command[] = [
  setSchedule,
  rename,
  moveStep,
  replace,
  changeNumber,
  remove,
  runInParallel,
  retryStep,
  catchFailure,
  onlyIf,
];

// The workflow itself

function setSchedule(editor: Editor, text: string): boolean {
  if (stopsSchedule(text)) return removeSchedule(editor);
  const found = findSchedule(withoutDenied(text).replace(/\b(?:instead of|rather than) .*$/i, ''));
  if (found === undefined) return false;
  const rest = tokenize(found.rest).filter((token) => isContent(token));
  const allowed =
    /^(?:run|runs|start|starts|schedule|scheduled|change|changed|make|set|happen|happens|do|execute|trigger|launch|workflow|process|whole|time|move|switch|instead|run|job|put)$/;
  if (!rest.every((token) => allowed.test(token.lower))) return false;
  if (found.assumed !== undefined)
    editor.notes.push(`I assumed ${found.assumed} as the time of day.`);
  const edits: Edit[] = [{ kind: 'setSchedule', schedule: { ...found.schedule } }];
  const document = editor.view.definition['document'];
  const metadata = isJsonObject(document) ? document['metadata'] : undefined;
  const zoned = isJsonObject(metadata) && typeof metadata['timezone'] === 'string';
  if (!zoned) edits.push({ kind: 'setDocument', timezone: editor.context.timezone });
  return editor.apply(edits);
}

export const withoutSchedule =
  'The draft has no schedule: it runs only when somebody starts it, by hand or by a call of the API.';

function removeSchedule(editor: Editor): boolean {
  if (editor.view.definition['schedule'] === undefined) {
    editor.notes.push(withoutSchedule);
    return true;
  }
  editor.notes.push(
    'It does not start by itself then: runs are started by a person or by a call of the API. This takes effect when the draft is approved.',
  );
  return editor.apply([{ kind: 'setSchedule', schedule: null }]);
}

function rename(editor: Editor, text: string): boolean {
  const match =
    /^(?:rename|retitle) (.+?) (?:to|as|into) ["“]?(.+?)["”]?$/i.exec(text) ??
    /^(?:call|name) (.+?) ["“](.+?)["”]$/i.exec(text) ??
    /^(?:call|name) (it|this|the workflow|the process) ["“]?(.+?)["”]?$/i.exec(text) ??
    /^change the (?:name|title)(?: of (.+?))? to ["“]?(.+?)["”]?$/i.exec(text);
  if (match === null) return false;
  const what = match[1] ?? 'the workflow';
  const name = match[2] ?? '';
  if (/^(?:it|this|(?:the|this) (?:whole )?(?:workflow|process|flow|draft))$/i.test(what)) {
    return editor.apply([{ kind: 'setDocument', title: name }]);
  }
  const step = editor.findStep(tokenize(what));
  if (step === undefined) return editor.questions.length > 0;
  return renameTo(editor, step, name);
}

function renameTo(editor: Editor, step: ViewStep, wanted: string): boolean {
  const plain = /^[A-Za-z][A-Za-z0-9]*$/.test(wanted)
    ? wanted
    : camelName(wordsOf(wanted), step.name);
  const readers = editor.readersOf(step.name);
  if (!editor.apply([{ kind: 'renameStep', step: step.path, name: plain }])) return false;
  renameReads(editor, { from: step.name, to: plain, readers });
  return true;
}

// Steps

function remove(editor: Editor, text: string): boolean {
  const match =
    /^(?:also )?(?:remove|delete|drop|skip|omit|cut|take out|leave out|get rid of|do away with|no longer|stop|don't|do not|there is no need to|no need to|no need for|we don't need(?: to)?|we do not need(?: to)?|without) (.+)$/i.exec(
      text,
    ) ??
    /^(.+?) (?:is|are) (?:not|no longer) (?:needed|necessary|required)(?: any ?more)?$/i.exec(text);
  const phrase = match?.[1]?.replace(
    / (?:any ?more|any longer|at all|please|from the (?:workflow|process|draft)|altogether|entirely|for now)$/i,
    '',
  );
  if (phrase === undefined) return false;
  if (/\b(?:if|when|unless)\b/i.test(phrase)) return false;
  const parts = phrase.split(/,? and (?=the |both )|, /i);
  const steps = parts.map((part) => targetOf(editor, part));
  if (steps.some((step) => step === undefined)) {
    if (editor.questions.length > 0) return true;
    return askWhich(editor, phrase);
  }
  for (const step of steps) {
    const now = editor.view.steps.find(({ path }) => path === step?.path);
    if (now !== undefined && !removeStep(editor, now)) return false;
  }
  return true;
}

function targetOf(editor: Editor, phrase: string): ViewStep | undefined {
  const tokens = tokenize(
    phrase.replace(/^(?:the )?(?:step|part|bit)s? (?:that|which|where|to|for|about) /i, ''),
  );
  const otherwise = /\b(?:else|otherwise)\b.*\b(?:branch|part|case|path|way)\b/i.test(phrase);
  if (otherwise)
    return editor.view.steps.find(
      (step) => step.kind === 'do' && step.name.startsWith('otherwise'),
    );
  return editor.findStep(tokens);
}

function askWhich(editor: Editor, phrase: string): boolean {
  const steps = editor.view.steps.filter(({ kind }) => kind !== 'do' && kind !== 'switch');
  const answer = editor.ask({
    key: `step:${phrase.toLowerCase()}`,
    text: `There is no step like "${phrase}". Which one should go?`,
    blocking: true,
    options: [
      ...steps.map(({ name, path }) => ({ label: name, value: path })),
      { label: 'None, leave it as it is', value: 'none' },
    ],
    free: false,
  });
  const step = editor.view.steps.find(({ path }) => path === answer);
  return step === undefined || removeStep(editor, step);
}

function replace(editor: Editor, text: string): boolean {
  const match =
    /^(?:instead of|rather than) (?<old>[^,]+?), ?(?:please |then |just |do |we should |i want (?:you )?to )?(?<next>.+)$/i.exec(
      text,
    ) ??
    /^(?:replace|swap|substitute|exchange) (?<old>.+?) (?:with|by|for) (?<next>.+)$/i.exec(text) ??
    /^(?<next>.+?),? (?:instead of|rather than|in place of) (?<old>.+)$/i.exec(text) ??
    /^(?:do not|don't) (?<old>[^,]+?), (?:but )?(?<next>.+?)(?: instead)?$/i.exec(text) ??
    /^(?:change|turn|switch) (?<old>.+?) (?:in)?to (?<next>.+)$/i.exec(text) ??
    /^(?<next>.+?),? instead$/i.exec(text) ??
    null;
  const found = match === null ? splitInstead(editor, text) : match.groups;
  if (found === undefined) return false;
  const next = (found['next'] ?? '').replace(/^(?:use|take) /i, '').replace(/ instead$/i, '');
  const { old } = found;
  const oldTokens = tokenize(old ?? '');
  const newTokens = tokenize(next);
  if (
    oldTokens.some(isNumber) ||
    (newTokens.some(isNumber) && /^(?:change|turn|switch)/i.test(text))
  )
    return false;
  if (replacePerson(editor, oldTokens, newTokens)) return true;
  return replaceStep(editor, old, next);
}

/** "instead of A do B" without a comma. */
function splitInstead(editor: Editor, text: string): Replacement | undefined {
  const match = /^(?:instead of|rather than) (.+)$/i.exec(text);
  const words = (match?.[1] ?? '').split(' ');
  for (let at = 2; at < words.length; at += 1) {
    const next = words.slice(at).join(' ');
    const [head] = parseRequest(next, editor.context.index.verbs).intents;
    if (head === undefined || (head.kind === 'action' && head.verb === '')) continue;
    return { old: words.slice(0, at).join(' '), next };
  }
  return undefined;
}

interface Replacement {
  readonly old?: string;
  readonly next: string;
}

function isNumber(token: Token): boolean {
  return token.kind === 'number';
}

/** "ask the owner instead of the lead" changes who is asked, nothing else. */
function replacePerson(editor: Editor, old: readonly Token[], next: readonly Token[]): boolean {
  const { people } = editor.context;
  const [from] = findPeople(people, personIn(old));
  const candidates = findPeople(people, personIn(next));
  const [to] = candidates;
  if (to === undefined || candidates.length !== 1) return false;
  const humans = editor.view.steps.filter((step) => step.kind === 'human');
  const asked = humans.filter((step) => {
    const given = step.task['with'];
    const assignee = isJsonObject(given) ? given['assignee'] : undefined;
    return from !== undefined && JSON.stringify(assignee) === JSON.stringify(from.who);
  });
  const chosen =
    asked.length > 0
      ? asked
      : humans.length === 1 && old.length === 0 && mentionsAsking(next)
        ? humans
        : [];
  if (chosen.length === 0) return false;
  const edits = chosen.map(({ path }): Edit => ({
    kind: 'setInput',
    step: path,
    input: 'assignee',
    value: { ...to.who },
  }));
  return editor.apply(edits);
}

function mentionsAsking(tokens: readonly Token[]): boolean {
  return tokens.some((token) =>
    /^(?:ask|approve|approves|approval|decide|decides|sign)$/.test(token.lower),
  );
}

function personIn(tokens: readonly Token[]): Token[] {
  return tokens.filter(
    (token) =>
      isContent(token) &&
      !/^(?:ask\w*|approv\w*|decid\w*|should|must|let|have|get|sign\w*|off|do|it|escalate\w*)$/.test(
        token.lower,
      ),
  );
}
