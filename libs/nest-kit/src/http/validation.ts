import { StandardSchemaValidationPipe } from '@nestjs/common';
import { AppError, type ErrorDetail } from '@parley/kernel';

type Path = readonly (PropertyKey | { readonly key: PropertyKey })[];
interface Issue {
  readonly message: string;
  readonly path?: Path | undefined;
}

const errorsMax = 50;

/** Checks parameters against the schema of their decorator and says where each fault is. */
export function validationPipe(): StandardSchemaValidationPipe {
  return new StandardSchemaValidationPipe({ exceptionFactory: invalid });
}

/** The refusal for content that does not fit its schema. */
export function invalid(issues: readonly Issue[]): AppError {
  const errors: ErrorDetail[] = issues
    .slice(0, errorsMax)
    .map((issue) => ({ pointer: pointerOf(issue.path ?? []), message: issue.message }));
  const first = errors[0];
  const place = first?.pointer ? ` (at ${first.pointer})` : '';
  const more = issues.length > 1 ? `, and ${issues.length - 1} more` : '';
  return new AppError(
    'invalid',
    `${first?.message ?? 'The content does not fit'}${place}${more}.`,
    {
      errors,
    },
  );
}

function pointerOf(path: Path): string {
  return path
    .map((segment) => (typeof segment === 'object' ? segment.key : segment))
    .map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}
