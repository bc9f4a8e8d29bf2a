import type { Answer, ProposedDraft, Question, Suggestion } from '@parley/contracts';
import { compileDefinition, diffDefinitions } from '@parley/dsl';
import { indexCatalogue, type SearchIndex } from '../catalogue/search.js';
import { onlyStopsSchedule, withoutSchedule } from '../draft/edit.js';
import { inputSchemaOf } from '../draft/world.js';
import { bareJq, faultOf, readDraft, type Fault } from '../draft/view.js';
import { planRequest } from '../plan/plan-request.js';
import { parseRequest } from '../request/parse.js';
import { scheduleInWords } from '../request/schedule.js';
import { textOf } from '../request/intents.js';
import { membersOf } from '../catalogue/schema.js';
import { readAnswers, type ReadAnswers } from './answers.js';
import { draftInWords, isQuestionAboutDraft } from './describe.js';
import { hindrancesAmong, hindrancesInWords, idleScheduleInWords } from './hindrances.js';
import { applyLate } from './late.js';
import { compose, type ComposeContext, type Composed } from './compose.js';
import {
  isSameQuestion,
  madeIn,
  numberQuestions,
  openOnes,
  subjectOf,
  type LogEntry,
} from './questions.js';
import {
  introduced,
  linesOf,
  replyToEdit,
  replyToFailure,
  replyToFault,
  replyToMisread,
  replyToNew,
  replyToNothing,
  replyToQuestion,
  replyWithoutConnectors,
  suggestionsFor,
} from './reply.js';
import type { PlannerContext, PlannerReply, PlannerTurn } from './turn.js';

/**
 * One turn of the offline planner. Pure: the same turn in the same context gives the same reply.
 *
 * T1  Nothing is named that is not in the catalogue or the directory; what cannot be mapped is asked.
 * T2  Questions keep their numbers until they are answered.
 * T3  An edit leaves every step that it is not about byte for byte as it was.
 */
export function planTurn(turn: PlannerTurn, context: PlannerContext): PlannerReply {
  const made = warned(replyOf(turn, context), turn, context);
  const isFirst = (turn.history ?? []).every(({ role }) => role !== 'assistant');
  return isFirst ? { ...made, reply: introduced(made.reply) } : made;
}

/** A draft that could not be approved, or would never start, is never handed over without a word. */
function warned(made: PlannerReply, turn: PlannerTurn, context: PlannerContext): PlannerReply {
  if (made.draft === undefined) return made;
  const { catalogue } = context;
  const timezone = turn.draft?.timezone ?? context.timezone;
  const { diagnostics } = compileDefinition(made.draft.source, { catalogue, timezone });
  const idle = idleScheduleInWords(diagnostics);
  const warnings = [hindrancesInWords(hindrancesAmong(diagnostics)), idle];
  const suggestions = idle === '' ? made.suggestions : [...made.suggestions, removingSchedule];
  const reply = [made.reply, ...warnings].filter((words) => words !== '').join('\n\n');
  return { ...made, reply, suggestions };
}

const removingSchedule: Suggestion = {
  label: 'Remove the schedule',
  action: 'send',
  text: 'Remove the schedule',
};

function replyOf(turn: PlannerTurn, context: PlannerContext): PlannerReply {
  const { connectors } = context.catalogue;
  if (connectors.every(({ operations }) => operations.length === 0))
    return replyWithoutConnectors();
  return new Session(turn, context).reply();
}

const startOver =
  /^(?:please )?(?:start over|start again|from scratch|new workflow|forget (?:it|that|all that)|begin again)\b[:,. ]*/i;

/** With a failed run at hand, these ask about that run. */
const asksForCause = /\bwhy\b|\b(?:fail|wrong|error|problem|broke|break|happen|crash|stop|fix)/i;

class Session {
  private readonly turn: PlannerTurn;
  private readonly titles: readonly string[];
  private readonly compose: ComposeContext;

  constructor(turn: PlannerTurn, context: PlannerContext) {
    const index: SearchIndex = indexCatalogue(context.catalogue);
    this.turn = turn;
    this.titles = context.catalogue.connectors.map(({ title }) => title);
    const timezone = turn.draft?.timezone ?? context.timezone;
    this.compose = { index, people: context.directory, timezone };
  }

  reply(): PlannerReply {
    const { draft } = this.turn;
    if (draft === undefined || draft.source.trim() === '') return this.fresh(this.turn.text);
    const { text, answers: given = [] } = this.turn;
    const fault = faultOf(draft.source);
    if (fault !== undefined) return this.unreadable(fault);
    if (given.length === 0 && isQuestionAboutDraft(text)) return this.explained(draft);
    if (given.length === 0 && onlyStopsSchedule(text)) return this.stopped(draft);
    const said = { text, given, open: openOnes(draft.questions), source: draft.source };
    const read = readAnswers(said, this.compose);
    const { answered, misread } = this.answer(draft, read);
    if (read.rest.trim() === '') {
      if (misread.length > 0 && !this.isAboutFailure()) return this.unclear(answered, misread);
      return answered ?? this.nothing();
    }
    const now = answered?.draft ?? draft;
    const over = startOver.exec(read.rest);
    if (over !== null) return this.fresh(read.rest.slice(over[0].length));
    if (this.isNewRequest(read.rest)) return this.fresh(read.rest);
    return this.edit(now.source, now.questions, read.rest) ?? answered ?? this.nothing();
  }

  /** Nothing can be changed in what cannot be read; it can be given up, and runs explained. */
  private unreadable(fault: Fault): PlannerReply {
    const { text } = this.turn;
    const over = startOver.exec(text);
    if (over !== null) return this.fresh(text.slice(over[0].length));
    if (this.isAboutFailure() && asksForCause.test(text)) return this.nothing();
    return { reply: replyToFault(fault), suggestions: [] };
  }

  // New drafts

  private fresh(text: string): PlannerReply {
    const log: LogEntry[] = [{ text, answers: {} }];
    const composed = text.trim() === '' ? undefined : compose(log, this.compose);
    if (composed === undefined) return this.nothing();
    return this.replyNew(composed, numberQuestions([], composed.asked, log));
  }

  private replyNew(composed: Composed, questions: readonly Question[]): PlannerReply {
    const { text } = this.turn;
    const planned = planRequest(text, { ...this.compose, answers: new Map() });
    const view = readDraft(composed.source, this.compose.index);
    const inputs =
      view === undefined ? [] : membersOf(inputSchemaOf(view)).map(({ name }) => `\`${name}\``);
    const reply = replyToNew({
      trigger: this.triggerInWords(text),
      lines: planned === undefined ? [] : linesOf(planned.steps),
      inputs,
      notes: composed.notes,
      questions,
    });
    return this.done(composed, questions, reply);
  }

  private triggerInWords(text: string): string {
    const request = parseRequest(text, this.compose.index.verbs);
    if (request.schedule !== undefined) {
      return `It starts by itself: ${scheduleInWords(request.schedule.schedule).toLowerCase()} (${this.compose.timezone})`;
    }
    if (request.trigger === undefined) return 'A person starts it';
    return `Runs start by hand or by a call of the API; this one is meant for: when ${textOf(request.trigger)}`;
  }

  private done(composed: Composed, questions: readonly Question[], reply: string): PlannerReply {
    const { source } = composed;
    const draft = { source, timezone: this.compose.timezone, questions: [...questions] };
    return { reply, draft, suggestions: suggestionsFor(questions) };
  }

  private isNewRequest(text: string): boolean {
    if (/\b(?:also|instead|add|as well)\b/i.test(text)) return false;
    const request = parseRequest(text, this.compose.index.verbs);
    return request.trigger !== undefined && request.intents.length >= 2;
  }

  // Changes

  private edit(
    source: string,
    questions: readonly Question[],
    text: string,
  ): PlannerReply | undefined {
    const made = logOf(questions, source, this.compose);
    const entry = made.length === 0 ? { base: source, text, answers: {} } : { text, answers: {} };
    const log = [...made, entry];
    const composed = compose(log, this.compose);
    if (composed === undefined) return undefined;
    return this.changed(source, composed, numberQuestions(questions, composed.asked, log));
  }

  private changed(before: string, composed: Composed, asked: readonly Question[]): PlannerReply {
    const questions = stillOpen(asked, composed.source, this.compose.index);
    const { changes } = diffDefinitions(before, composed.source);
    const steps = readDraft(composed.source, this.compose.index)?.steps ?? [];
    const conditions = new Map(
      steps.flatMap(({ path, task }) =>
        typeof task['if'] === 'string' ? [[path, bareJq(task['if'])] as const] : [],
      ),
    );
    const reply = replyToEdit({ changes, conditions, notes: composed.notes, questions });
    return this.done(composed, questions, reply);
  }

  private stopped({ source, questions }: ProposedDraft): PlannerReply {
    const view = readDraft(source, this.compose.index);
    if (view !== undefined && view.definition['schedule'] === undefined) {
      const reply = `${withoutSchedule} So there is nothing to stop, and the draft is as it was.`;
      return { reply, suggestions: suggestionsFor(questions) };
    }
    return this.edit(source, questions, this.turn.text) ?? this.nothing();
  }

  // Answers

  /** Applies what was understood; what the plan made of it cannot use counts as not understood. */
  private answer(
    draft: ProposedDraft,
    { answers, misread }: ReadAnswers,
  ): { readonly answered?: PlannerReply; readonly misread: readonly Question[] } {
    if (answers.length === 0) return { misread };
    const { composed, questions } = this.withAnswers(draft, answers);
    const log = logOf(draft.questions, draft.source, this.compose);
    const asked = openOnes(draft.questions);
    const refused = asked.filter(
      (question) =>
        madeIn(log, question) &&
        answers.some((answer) => answer.question === question.number) &&
        openOnes(questions).some((one) => isSameQuestion(one, question)),
    );
    if (refused.length === 0) {
      return { answered: this.changed(draft.source, composed, questions), misread };
    }
    const used = answers.filter(
      (answer) => !refused.some(({ number }) => number === answer.question),
    );
    return this.answer(draft, { answers: used, misread: [...misread, ...refused], rest: '' });
  }

  private withAnswers(
    { source, questions }: ProposedDraft,
    answers: readonly Answer[],
  ): { readonly composed: Composed; readonly questions: readonly Question[] } {
    const marked = questions.map((question) => {
      const given = answers.find((answer) => answer.question === question.number);
      return given === undefined ? question : { ...question, answer: given.value };
    });
    const log = logOf(questions, source, this.compose);
    const isMade = ({ question }: Answer) =>
      madeIn(
        log,
        questions.find(({ number }) => number === question),
      );
    const replayed = withAnswers(log, marked, answers.filter(isMade));
    const again = compose(replayed, this.compose);
    const made = again ?? { source, asked: [], notes: [] };
    const numbered = again === undefined ? marked : numberQuestions(marked, again.asked, replayed);
    const lateOnes = answers.filter((answer) => again === undefined || !isMade(answer));
    const late = applyLate(made.source, numbered, lateOnes, this.compose);
    const composed = { ...made, source: late.source, notes: [...made.notes, ...late.notes] };
    return { composed, questions: late.questions };
  }

  /** Nothing was understood for some questions: they are asked again, and stay as they were. */
  private unclear(answered: PlannerReply | undefined, misread: readonly Question[]): PlannerReply {
    const { text } = this.turn;
    if (answered === undefined) {
      return { reply: replyToMisread(text, misread), suggestions: suggestionsFor(misread) };
    }
    return { ...answered, reply: `${answered.reply}\n\n${replyToMisread(text, misread)}` };
  }

  /** A question changes nothing. */
  private explained({ source, questions }: ProposedDraft): PlannerReply {
    const view = readDraft(source, this.compose.index);
    const isAboutRun = this.isAboutFailure() && asksForCause.test(this.turn.text);
    if (view === undefined || isAboutRun) return this.nothing();
    const described = draftInWords(view, this.compose.timezone);
    return {
      reply: replyToQuestion(described, questions),
      suggestions: suggestionsFor(questions),
    };
  }

  private isAboutFailure(): boolean {
    const { run } = this.turn;
    return run?.failedStep !== undefined || run?.error !== undefined;
  }

  private nothing(): PlannerReply {
    const { run, draft } = this.turn;
    if (run !== undefined && this.isAboutFailure()) {
      const steps = readDraft(draft?.source ?? '', this.compose.index)?.steps ?? [];
      return replyToFailure(
        run,
        steps.map(({ name }) => name),
      );
    }
    return {
      reply: replyToNothing(this.turn.draft !== undefined, this.titles),
      suggestions: this.turn.draft === undefined ? [] : suggestionsFor(this.turn.draft.questions),
    };
  }
}

/** The requests that the draft was made of, as long as making it again gives this very draft. */
function logOf(
  questions: readonly Question[],
  source: string,
  context: ComposeContext,
): readonly LogEntry[] {
  const logs = openOnes(questions).map((question) => subjectOf(question)?.log ?? []);
  const [log] = logs.sort((a, b) => b.length - a.length);
  if (log === undefined || log.length === 0) return [];
  return compose(log, context)?.source === source ? log : [];
}

function withAnswers(
  log: readonly LogEntry[],
  questions: readonly Question[],
  answers: readonly Answer[],
): LogEntry[] {
  return log.map((entry, at) => {
    const own = answers.flatMap(({ question, value }) => {
      const subject = subjectOf(questions.find(({ number }) => number === question));
      return subject?.entry === at ? [[subject.key, value] as const] : [];
    });
    return own.length === 0
      ? entry
      : { ...entry, answers: { ...entry.answers, ...Object.fromEntries(own) } };
  });
}

/** A question about a step that is gone needs no answer any more. */
function stillOpen(questions: readonly Question[], source: string, index: SearchIndex): Question[] {
  const names = readDraft(source, index)?.steps.map(({ name }) => name);
  if (names === undefined) return [...questions];
  const isThere = (task: string) =>
    names.some(
      (name) => name === task || (name.startsWith(task) && /^\d+$/.test(name.slice(task.length))),
    );
  return questions.filter(
    ({ task, answer }) => answer !== undefined || task === undefined || isThere(task),
  );
}
