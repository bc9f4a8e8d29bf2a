import {
  applyToolCall,
  candidates,
  editTools,
  emptyDraft,
  summariseChange,
  type Candidate,
  type EditTool,
  type ToolState,
} from '@parley/agent-domain';
import { mockResponse, sampleOf } from '@parley/connectors';
import type { AgentTurn, Catalogue, Directory, ProposedDraft } from '@parley/contracts';
import { compileDefinition } from '@parley/dsl';
import { dryRun } from '@parley/engine';
import type { Json } from '@parley/kernel';

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
  private state: ToolState;

  constructor(turn: AgentTurn, catalogue: Catalogue, directory: Directory) {
    this.turn = turn;
    this.catalogue = catalogue;
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

  /** What keeps the draft from running: the compiler's errors, else what fails on mocks. */
  faults(): string[] {
    if (this.state.source === this.before.source) return [];
    const { catalogue, timezone } = this;
    const compiled = compileDefinition(this.state.source, { catalogue, timezone });
    const errors = compiled.diagnostics.filter(({ severity }) => severity === 'error');
    if (errors.length > 0 || compiled.ir === undefined) {
      return errors.map(({ pointer, message }) => `${pointer}: ${message}`);
    }
    const tried = dryRun(compiled.ir, {
      input: sampleOf(compiled.inputSchema ?? { type: 'object' }),
      handlers: {
        connector: (_args, call) => this.mock(call.operation?.connector, call.operation?.operation),
        http: () => null,
      },
    });
    if (!tried.ok) return tried.error.map(({ pointer, message }) => `${pointer}: ${message}`);
    const { error } = tried.value;
    if (error === undefined) return [];
    return [
      `On sample data it fails at ${error.instance ?? '/'}: ${error.detail ?? error.title ?? error.type}`,
    ];
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

  private mock(connector: string | undefined, operation: string | undefined): Json {
    const found = this.catalogue.connectors
      .find(({ name }) => name === connector)
      ?.operations.find(({ id }) => id === operation);
    return found === undefined ? null : mockResponse(found).body;
  }
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
