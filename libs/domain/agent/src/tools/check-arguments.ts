import { err, isJsonObject, ok, type Json, type JsonObject, type Result } from '@parley/kernel';

/** Checks the flat arguments of a tool call; says in words what does not fit. */
export function checkArguments(schema: JsonObject, given: Json): Result<JsonObject, string> {
  if (!isJsonObject(given)) return err('The arguments must be an object.');
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const required = textsOf(schema['required']);
  const missing = required.filter((name) => given[name] === undefined);
  if (missing.length > 0) return err(`Missing: ${missing.join(', ')}.`);
  for (const [name, value] of Object.entries(given)) {
    const member = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (!isJsonObject(member)) {
      return err(
        `There is no argument "${name}"; there are ${Object.keys(properties).join(', ')}.`,
      );
    }
    const fault = faultOf(member, value);
    if (fault !== undefined) return err(`"${name}" ${fault}.`);
  }
  return ok(given);
}

function textsOf(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function faultOf(schema: JsonObject, value: Json): string | undefined {
  const choices = schema['enum'];
  if (Array.isArray(choices) && !choices.includes(value)) {
    return `must be one of ${textsOf(choices).join(', ')}`;
  }
  switch (schema['type']) {
    case 'string':
      return typeof value === 'string' ? undefined : 'must be a text';
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'must be true or false';
    case 'integer':
      return faultOfInteger(schema, value);
    case 'array':
      return faultOfList(schema, value);
    default:
      return undefined;
  }
}

function faultOfInteger({ minimum, maximum }: JsonObject, value: Json): string | undefined {
  if (typeof value !== 'number' || !Number.isInteger(value)) return 'must be a whole number';
  if (typeof minimum === 'number' && value < minimum) return `must be at least ${minimum}`;
  return typeof maximum === 'number' && value > maximum ? `must be at most ${maximum}` : undefined;
}

function faultOfList({ minItems, maxItems }: JsonObject, value: Json): string | undefined {
  if (!Array.isArray(value) || value.some((item) => typeof item !== 'string')) {
    return 'must be a list of texts';
  }
  if (typeof minItems === 'number' && value.length < minItems) return 'must not be empty';
  return typeof maxItems === 'number' && value.length > maxItems
    ? `must have at most ${maxItems} items`
    : undefined;
}
