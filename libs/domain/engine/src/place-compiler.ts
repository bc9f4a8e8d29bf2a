import type { IrConsumption, IrDuration, IrEventFilter, Template } from '@parley/ir';
import type { Json } from '@parley/kernel';
import { compileEventTest } from './event-filter.js';
import { compileExpression, type Evaluate } from './expressions.js';
import type {
  LoadedConsumption,
  LoadedDuration,
  LoadedFilter,
  LoadOptions,
  LoadProblem,
  SchemaCheck,
} from './loaded-ir.js';
import { compileTemplate } from './templates.js';

/** Compiles what stands in one place of the definition and collects what is wrong with it. */
export class PlaceCompiler {
  private readonly pointer: string;
  private readonly problems: LoadProblem[];
  private readonly schemas: LoadOptions['schemas'];

  constructor(pointer: string, problems: LoadProblem[], { schemas }: LoadOptions) {
    this.pointer = pointer;
    this.problems = problems;
    this.schemas = schemas;
  }

  expression(source: string | undefined, names: readonly string[]): Evaluate | undefined {
    return source === undefined ? undefined : this.compile(source, new Set(names));
  }

  template(template: Template | undefined, names: readonly string[]): Evaluate | undefined {
    if (template === undefined) return undefined;
    const known = new Set(names);
    return compileTemplate(template, (source) => this.compile(source, known));
  }

  duration(value: IrDuration | undefined, names: readonly string[]): LoadedDuration | undefined {
    if (value === undefined || 'ms' in value) return value;
    return { evaluate: this.compile(value.source, new Set(names)) };
  }

  /** @param where the member that has the schema, e.g. `/input` */
  schema(schema: Json | undefined, where: string): SchemaCheck | undefined {
    if (schema === undefined || this.schemas === undefined) return undefined;
    const made = this.schemas(schema);
    if (made.ok) return made.value;
    const pointer = `${this.pointer}${where}/schema`;
    this.problems.push({ pointer, message: made.error });
    return undefined;
  }

  filter({ with: attributes, correlate }: IrEventFilter, names: readonly string[]): LoadedFilter {
    const test = compileEventTest({ with: attributes }, new Set(names));
    if (!test.ok) this.problem(test.error);
    return {
      test: test.ok ? test.value : () => false,
      attributes: attributes.flatMap(([name, template]) =>
        template.kind === 'literal' ? [[name, template.value] as const] : [],
      ),
      keys: (correlate ?? []).map(([key, { from: source, expect }]) => ({
        key,
        source,
        from: this.compile(source, new Set(names)),
        ...(expect && { expect: this.template(expect, names) }),
      })),
    };
  }

  consumption(
    { mode, filters, until }: IrConsumption,
    names: readonly string[],
  ): LoadedConsumption {
    const all = (some: readonly IrEventFilter[]) =>
      some.map((filter) => this.filter(filter, names));
    const wanted = { mode, filters: all(filters) };
    if (until === undefined) return wanted;
    if ('source' in until) {
      return { ...wanted, until: { holds: this.compile(until.source, new Set(names)) } };
    }
    return { ...wanted, until: { mode: until.mode, filters: all(until.filters) } };
  }

  problem(message: string): void {
    this.problems.push({ pointer: this.pointer, message });
  }

  private compile(source: string, names: ReadonlySet<string>): Evaluate {
    const compiled = compileExpression(source, names);
    if (compiled.ok) return compiled.value;
    this.problem(`${compiled.error} in \${ ${source} }`);
    return () => null;
  }
}
