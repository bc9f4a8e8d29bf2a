import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '@parley/kernel';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { parse } from 'yaml';

/** What the official schema says; `unclear` where it depends on whether formats are assertions. */
export type SchemaVerdict = 'accepts' | 'refuses' | 'unclear';

/** The official JSON Schema of the language as a judge. */
export function readOracle(folder: string): (definition: Json) => SchemaVerdict {
  const schema = parse(readFileSync(join(folder, 'schema/workflow.yaml'), 'utf8')) as object;
  const plain = compile(schema, false);
  const strict = compile(schema, true);
  return (definition) => {
    const accepted = plain(definition);
    if (accepted !== strict(definition)) return 'unclear';
    return accepted ? 'accepts' : 'refuses';
  };
}

/** The format `uri-template` excludes what the examples do, so the pattern beside it decides. */
function compile(schema: object, validateFormats: boolean): ValidateFunction {
  const ajv = new Ajv2020({ strict: false, validateFormats, allErrors: false });
  if (validateFormats) {
    (formats as unknown as (to: Ajv2020) => void)(ajv);
    ajv.addFormat('uri-template', true);
    ajv.addFormat('uri-reference', true);
  }
  return ajv.compile(schema);
}
