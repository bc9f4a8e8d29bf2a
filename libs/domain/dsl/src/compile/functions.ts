/**
 * The functions that `call` may name.
 *
 * F1  `call: http` is the language's own. `with`: `method`, `endpoint` (an address, `{ uri }` or an
 *     expression), `headers`, `query`, `body`, `output` (raw | content | response), `redirect`.
 *     `{name}` in an address inserts the member of that name of the task's input, URI-encoded; a
 *     missing member is an error of the run. Compiled: `method` in upper case, `endpoint` always a
 *     text, header names as written.
 *
 * F2  `call: connector` calls an operation of an imported OpenAPI document.
 *     `with`: `connector` and `operation` (both fixed texts), `input` and `body`.
 *     - `input` is an object: path, query, header and cookie parameters and the members of an
 *       object body, all by name (`inputsOf` lists them). A name that is both a parameter and a body
 *       member is given once and goes to both.
 *     - `body` is the whole body: for bodies that are not objects, where one name needs two values,
 *       and for members that the schema allows without naming them. `input` then holds parameters
 *       only.
 *     - The output is the response's content; an unsuccessful status is a `communication` error.
 *     With a catalogue, the operation must exist, required inputs must be given, unknown ones are
 *     refused, and what is written out must fit the schema. The header that carries the idempotency
 *     key is the engine's and never required.
 *
 * F3  `call: human` asks a person and waits.
 *     `with`: `title` (what to decide, a text), `message` (details, Markdown), `assignee` (exactly
 *     one of `role` and `member`), `form` (a JSON Schema of type object, for data that the person
 *     enters), `due` (a duration; after it the task faults with a `timeout` error), `data` (what the
 *     person sees beside the message). All but `form` may hold expressions; a fixed `due` is compiled to its
 *     canonical ISO 8601 text.
 *     The output is `{ decision: "approved" | "rejected", approved: boolean, by, reason?, at,
 *     data? }`, where `by` is the member who decided, `at` the time and `data` what the form holds.
 *
 * A platform function may also be written with its catalog: `human:1.0.0@default`.
 */

/** Functions that this version runs. */
export const supportedFunctions = ['http', 'connector', 'human'] as const;
export type SupportedFunction = (typeof supportedFunctions)[number];

/** Functions of the language and the platform that this version does not run. */
export const laterFunctions = [
  'asyncapi',
  'grpc',
  'openapi',
  'a2a',
  'mcp',
  'agent',
  'worker',
  'map',
] as const;

/** `human:1.0.0@default` → `human`; other names as they are. */
export function functionName(call: string): string {
  return /^([a-z0-9]+):1\.0\.\d+@default$/.exec(call)?.[1] ?? call;
}
