import { applyEdits, type Edit, type Placement } from '@parley/dsl';
import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';
import type { OpenQuestion, Step } from '../plan/model.js';
import type { PlanContext } from '../plan/plan-request.js';
import type { World } from '../plan/world.js';
import { writeInputSchema, writeSteps } from '../plan/write.js';
import type { Token } from '../language/tokens.js';
import { plainStep, rateSteps } from './find-step.js';
import { inputSchemaOf, worldAt, type Place } from './world.js';
import { ownerOf, readDraft, siblingsOf, textsIn, type View, type ViewStep } from './view.js';

/**
 * A draft while it is being edited. Every change goes through `applyEdits`, so what an edit does not
 * name keeps its bytes; the view is read again after each.
 */
export class Editor {
  view: View;
  readonly context: PlanContext;
  readonly questions: OpenQuestion[] = [];
  readonly notes: string[] = [];
  /** Whether anything was changed or asked. */
  touched = false;
  /** Whether the command says that something is to be added, not just that it be done. */
  adding = false;
  private readonly asked = new Map<string, number>();

  constructor(view: View, context: PlanContext) {
    this.view = view;
    this.context = context;
  }

  apply(edits: readonly Edit[]): boolean {
    if (edits.length === 0) return true;
    const edited = applyEdits(this.view.source, edits);
    const view = edited.ok ? readDraft(edited.value, this.context.index) : undefined;
    if (view === undefined) return false;
    this.view = view;
    this.touched = true;
    return true;
  }

  /** A question with a key of its own; gives the answer when there is one. */
  ask(question: OpenQuestion): string | undefined {
    const count = (this.asked.get(question.key) ?? 0) + 1;
    this.asked.set(question.key, count);
    const key = count === 1 ? question.key : `${question.key}#${count}`;
    const answer = this.context.answers.get(key);
    const known = question.options.some((option) => option.value === answer);
    this.touched = true;
    if (answer !== undefined && (known || question.free)) return answer;
    this.questions.push({ ...question, key });
    return undefined;
  }

  /** The step that a phrase means; asks when several could be meant. */
  findStep(
    phrase: readonly Token[],
    fits: (step: ViewStep) => boolean = () => true,
  ): ViewStep | undefined {
    const words = phrase.map((token) => token.lower).join(' ');
    if (/^(?:it|that|this|the last (?:step|one))$/.test(words)) return this.lastStep();
    const rated = rateSteps(this.view, phrase).filter(({ step }) => fits(step));
    const plain = plainStep(rated);
    if (plain !== undefined) return plain;
    const near = rated.filter(({ score }) => score >= 0.45).slice(0, 6);
    if (near.length < 2) return undefined;
    const answer = this.ask({
      key: `step:${words}`,
      text: `Which step do you mean by "${phrase.map((token) => token.text).join(' ')}"?`,
      blocking: true,
      options: near.map(({ step }) => ({ label: step.name, value: step.path })),
      free: false,
    });
    return this.view.steps.find(({ path }) => path === answer);
  }

  lastStep(): ViewStep | undefined {
    return this.view.steps.findLast((step) => step.kind === 'call' || step.kind === 'human');
  }

  worldAt(place: Place): World {
    const world = worldAt(this.view, this.context, place);
    return world;
  }

  /** Takes over what planning at a place asked and assumed, and what the input must have. */
  adopt(world: World): void {
    this.questions.push(...world.questions);
    this.notes.push(...world.notes);
    if (world.questions.length > 0) this.touched = true;
    if (world.input.length === 0) return;
    const before = inputSchemaOf(this.view);
    const schema = writeInputSchema(world.input, before);
    if (JSON.stringify(schema) !== JSON.stringify(before)) {
      this.apply([{ kind: 'setInputSchema', schema: schema as Json }]);
    }
  }

  /** Adds planned steps at a place, in order. */
  insert(steps: readonly Step[], place: Place): boolean {
    const nested = place.list !== 'do';
    const written = writeSteps(steps, nested);
    const edits: Edit[] = [];
    let at = this.placement(place);
    for (const item of written) {
      const [entry] = Object.entries(item);
      if (entry === undefined || !isJsonObject(entry[1])) continue;
      edits.push({ kind: 'addStep', name: entry[0], task: entry[1], at });
      at = { after: `${place.list}/${entry[0]}` };
    }
    return this.apply(edits);
  }

  private placement({ list, index }: Place): Placement {
    const siblings = siblingsOf(this.view, list);
    const next = siblings[index];
    if (next !== undefined) return { before: next.path };
    return { in: list };
  }

  /** The names that later steps read, with what reads them. */
  readersOf(name: string): ViewStep[] {
    const pattern = new RegExp(`\\$context\\.${name}\\b`);
    return this.view.steps.filter((step) => ownTexts(step).some((text) => pattern.test(text)));
  }

  ownerOf(step: ViewStep): ViewStep | undefined {
    return ownerOf(this.view, step.list);
  }
}

/** The texts of a step without those of the steps inside it. */
export function ownTexts(step: ViewStep): string[] {
  return textsIn(ownMembers(step.task));
}

function ownMembers(task: JsonObject): JsonObject {
  const own: JsonObject = {};
  for (const [key, value] of Object.entries(task)) {
    if (key === 'do' || key === 'try' || key === 'fork' || key === 'export') continue;
    if (key === 'catch' && isJsonObject(value)) {
      const { do: _do, ...rest } = value;
      own[key] = rest;
    } else own[key] = value;
  }
  return own;
}

export function afterStep(step: ViewStep): Place {
  return { list: step.list, index: step.index + 1 };
}

export function beforeStep(step: ViewStep): Place {
  return { list: step.list, index: step.index };
}
