import type { References } from '../document/references.js';
import type { Findings } from '../faults.js';
import type { DeclaredScheme } from '../model.js';
import type { SchemaReader } from '../schema/schema-reader.js';

/** What every part of the reader of operations needs. */
export interface ReadContext {
  readonly references: References;
  readonly schemas: SchemaReader;
  readonly findings: Findings;
  readonly schemes: readonly DeclaredScheme[];
}
