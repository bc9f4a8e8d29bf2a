import { Body, Controller } from '@nestjs/common';
import {
  routes,
  type CompileDefinition,
  type DefinitionDiff,
  type DefinitionGraph,
  type DiffDefinitions,
} from '@parley/contracts';
import {
  diffDefinitions,
  graphOf,
  isTimezone,
  type Compilation,
  type Validation,
} from '@parley/dsl';
import { AppError } from '@parley/kernel';
import { Endpoint } from '@parley/nest-kit';
import { CompiledDefinitions } from './compiled-definitions.js';

/** The language over HTTP; what is wrong with a definition is an answer, not an error. */
@Controller()
export class DefinitionsController {
  constructor(private readonly compiled: CompiledDefinitions) {}

  @Endpoint(routes.validateDefinition)
  validate(@Body() body: CompileDefinition): Validation {
    const { valid, diagnostics } = this.compile(body);
    return { valid, diagnostics };
  }

  @Endpoint(routes.compileDefinition)
  compileDefinition(@Body() body: CompileDefinition): Compilation {
    return this.compile(body);
  }

  @Endpoint(routes.diffDefinitions)
  diff(@Body() { before, after, catalogue }: DiffDefinitions): DefinitionDiff {
    return diffDefinitions(before, after, { catalogue });
  }

  /** Only a definition that compiles has a picture. */
  @Endpoint(routes.graphDefinition)
  graph(@Body() body: CompileDefinition): DefinitionGraph {
    const { ir, diagnostics } = this.compile(body);
    if (ir !== undefined) return graphOf(ir);
    const errors = diagnostics.filter((one) => one.severity === 'error');
    const [first] = errors;
    const line =
      first === undefined ? '' : ` Line ${String(first.range.start.line)}: ${first.message}.`;
    throw new AppError('invalid-definition', `The definition cannot be drawn.${line}`, {
      errors: errors.map(({ code, message, pointer }) => ({ code, message, pointer })),
    });
  }

  private compile(body: CompileDefinition): Compilation {
    if (body.timezone !== undefined && !isTimezone(body.timezone)) {
      const message = `There is no time zone "${body.timezone.slice(0, 100)}".`;
      throw new AppError('invalid', message, { errors: [{ pointer: '/timezone', message }] });
    }
    return this.compiled.compile(body);
  }
}
