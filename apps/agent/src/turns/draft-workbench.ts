import {
  applyToolCall,
  candidates,
  editTools,
  emptyDraft,
  hindrancesAmong,
  hindrancesIn,
  hindrancesInWords,
  idleScheduleInWords,
  newHindrances,
  summariseChange,
  type Candidate,
  type EditTool,
  type ToolState,
} from '@parley/agent-domain';
import type { AgentTurn, Catalogue, Directory, ProposedDraft } from '@parley/contracts';
import { compileDefinition, type Lock } from '@parley/dsl';
import type { Json } from '@parley/kernel';
import type { TurnContext } from './answerer.js';
import { tryOut } from './trial.js';

const candidatesMax = 10;
const titleLengthMax = 80;

/**
 * The draft of one turn while a model works on it: its tools, what is wrong with it, and what became
 * of it. Everything that is told about the draft is computed here, never taken from the model.
 */
export class DraftWorkbench {
  readonly tools: readonly EditTool[];
  readonly operations: readonly Candidate[];
  private readonly turn: AgentTurn;
  private readonly catalogue: Catalogue;
  private readonly people: Pick<Directory, 'roles' | 'members'>;
  private readonly timezone: string;
  private readonly before: ToolState;
  private readonly lock: Lock | undefined;
  private state: ToolState;
  private judgement: Judgement | undefined;

  constructor(turn: AgentTurn, { catalogue, directory, lock }: Omit<TurnContext, 'signal'>) {
    this.turn = turn;
    this.catalogue = catalogue;
    this.lock = lock;
    this.people = { roles: directory.roles, members: directory.members };
    this.timezone = turn.draft?.timezone ?? directory.tenant.timezone;
    const said = [...turn.history.filter(({ role }) => role === 'user').slice(-2), turn];
    const request = said.map(({ text }) => text).join('\n');
    this.operations = candidates(catalogue, request, candidatesMax);
    this.tools = editTools(this.operations, this.people);
    this.before = {
      source: turn.draft?.source ?? emptyDraft(documentFor(turn.text)),
      questions: turn.draft?.questions ?? [],
    };
    this.state = { ...this.before, questions: answered(turn) };
  }

  get source(): string {
    return this.state.source;
  }

  /** What keeps the draft as it is now from being approved although it is valid, in words. */
  get hindrances(): string {
    const { diagnostics } = compileDefinition(this.state.source, this.compiling);
    const words = [
      hindrancesInWords(hindrancesAmong(diagnostics)),
      idleScheduleInWords(diagnostics),
    ];
    return words.filter((one) => one !== '').join('\n\n');
  }

  get questions(): ToolState['questions'] {
    return this.state.questions;
  }

  /** Applies a call of the model. @returns what the model is told */
  apply(name: string, given: Json): string {
    const applied = applyToolCall(
      this.state,
      { name, arguments: given },
      { candidates: this.operations, people: this.people },
    );
    if (!applied.ok) return `Refused: ${applied.error}`;
    this.state = applied.value;
    return 'Done.';
  }

  /** What the draft has to be mended for: errors, what does not run here, what fails on mocks. */
  faults(): readonly string[] {
    return this.judged().faults;
  }

  /**
   * What the person is told besides: steps that were there before and that this version does not run,
   * and what the trial on sample data says nothing about.
   */
  remarks(): readonly string[] {
    return this.judged().remarks;
  }

  /** The draft to propose; undefined when this turn has nothing to do with one. */
  proposal(): ProposedDraft | undefined {
    const { source, questions } = this.state;
    const isNew = this.turn.draft === undefined;
    const changed = source !== this.before.source || questions !== this.turn.draft?.questions;
    if ((isNew && source === this.before.source && questions.length === 0) || !changed)
      return undefined;
    return { source, timezone: this.timezone, questions: [...questions] };
  }

  /** The change in words, computed from the two texts. */
  summary(): string[] {
    if (this.state.source === this.before.source) return [];
    return summariseChange(this.before.source, this.state.source);
  }

  private judged(): Judgement {
    const { source } = this.state;
    if (this.judgement?.source !== source) this.judgement = this.judge(source);
    return this.judgement;
  }

  private get compiling() {
    const { catalogue, timezone, lock } = this;
    return { catalogue, timezone, ...(lock === undefined ? {} : { lock }) };
  }

  private judge(source: string): Judgement {
    if (source === this.before.source) return { source, faults: [], remarks: [] };
    const { diagnostics, ir, inputSchema } = compileDefinition(source, this.compiling);
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    if (errors.length > 0 || ir === undefined) {
      const faults = errors.map(({ pointer, message }) => `${pointer}: ${message}`);
      return { source, faults, remarks: [] };
    }
    const hindrances = hindrancesAmong(diagnostics);
    if (hindrances.length === 0) {
      const { faults, untried } = tryOut(ir, { ...this.compiling, inputSchema });
      const idle = idleScheduleInWords(diagnostics);
      return { source, faults, remarks: idle === '' ? untried : [idle, ...untried] };
    }
    const added = newHindrances(hindrances, hindrancesIn(this.before.source, this.compiling));
    return {
      source,
      faults: added.map(
        ({ pointer, what }) =>
          `${pointer}: "${what}" is valid, but this version of Parley does not run it, so the draft cannot be approved. Use another step in its place, or ask.`,
      ),
      remarks: [hindrancesInWords(hindrances), 'It was not tried on sample data.'],
    };
  }
}

interface Judgement {
  readonly source: string;
  readonly faults: readonly string[];
  readonly remarks: readonly string[];
}

/** The questions with this turn's answers filled in. */
function answered(turn: AgentTurn): ToolState['questions'] {
  const answers = new Map(turn.answers.map(({ question, value }) => [question, value]));
  const questions = turn.draft?.questions ?? [];
  if (answers.size === 0) return questions;
  return questions.map((question) => {
    const answer = answers.get(question.number);
    return answer === undefined ? question : { ...question, answer };
  });
}

function documentFor(text: string): { name: string; title: string; summary: string } {
  const title = text.trim().split('\n')[0]?.slice(0, titleLengthMax) ?? 'New workflow';
  const words = title.toLowerCase().match(/[a-z0-9]+/g) ?? ['workflow'];
  return { name: words.slice(0, 6).join('-').slice(0, 63), title, summary: text.trim() };
}
