import type { Expression } from '@parley/ir';

/** How an operator of RFC 6570 puts values together. */
interface Operator {
  readonly first: string;
  readonly separator: string;
  /** Each value carries its name: `name=value`. */
  readonly named: boolean;
  /** What follows a name whose value is empty. */
  readonly empty: string;
  /** Reserved characters stay as they are. */
  readonly reserved: boolean;
}

const plain = { first: '', separator: ',', named: false, empty: '', reserved: false };
const operators: Readonly<Record<string, Operator>> = {
  '': plain,
  '+': { ...plain, reserved: true },
  '#': { ...plain, first: '#', reserved: true },
  '.': { ...plain, first: '.', separator: '.' },
  '/': { ...plain, first: '/', separator: '/' },
  ';': { ...plain, first: ';', separator: ';', named: true },
  '?': { ...plain, first: '?', separator: '&', named: true, empty: '=' },
  '&': { ...plain, first: '&', separator: '&', named: true, empty: '=' },
};

interface Variable {
  readonly name: string;
  readonly explode: boolean;
  readonly lengthMax?: number;
}

/**
 * Text, and expressions that insert members of the task's input (RFC 6570, all levels). The long
 * ones begin with a comment that says what was written.
 */
export function splitTemplate(text: string): (string | { readonly source: Expression })[] {
  const parts: (string | { readonly source: Expression })[] = [];
  let at = 0;
  for (const match of text.matchAll(/\{([+#./;?&]?)([^{}]+)\}/g)) {
    const source = insertion(match[1] ?? '', match[2] ?? '');
    if (source === undefined) continue;
    if (match.index > at) parts.push(text.slice(at, match.index));
    parts.push({ source });
    at = match.index + match[0].length;
  }
  if (at < text.length) parts.push(text.slice(at));
  return parts;
}

function insertion(sign: string, list: string): Expression | undefined {
  const variables: Variable[] = [];
  for (const written of list.split(',')) {
    const match = /^([A-Za-z_][A-Za-z0-9_.-]*)(?:(\*)|:(\d{1,4}))?$/.exec(written);
    if (match === null) return undefined;
    const [, name = '', star, length] = match;
    const lengthMax = length === undefined ? {} : { lengthMax: Number(length) };
    variables.push({ name, explode: star !== undefined, ...lengthMax });
  }
  const [only] = variables;
  const simple = sign === '' && variables.length === 1 && list === only?.name;
  if (simple) return required(list);
  return `# {${sign}${list}}\n${expansion(operators[sign] ?? plain, variables)}`;
}

/** A missing member must not turn into an address of something else. */
function required(name: string): Expression {
  const key = JSON.stringify(name);
  const message = JSON.stringify(`The address needs "${name}" in the task's input`);
  return `if .[${key}] == null then error(${message}) else (.[${key}] | @uri) end`;
}

/** Members that are missing are left out, as the standard has it. */
function expansion(operator: Operator, variables: readonly Variable[]): Expression {
  const pieces = variables.map((variable) => `(${piecesOf(operator, variable)})`).join(', ');
  const { first, separator } = operator;
  const joined = `${JSON.stringify(first)} + join(${JSON.stringify(separator)})`;
  return `[${pieces}] | if length == 0 then "" else ${joined} end`;
}

const encoded = '%[0-9A-Fa-f]{2}';
const kept = `^(?:${encoded}|[A-Za-z0-9._~:/?#\\[\\]@!$&'()*+,;=-])$`;
const keepReserved =
  `([scan(${JSON.stringify(`${encoded}|[\\s\\S]`)})` +
  ` | if test(${JSON.stringify(kept)}) then . else @uri end] | join(""))`;

function piecesOf({ named, empty, reserved }: Operator, variable: Variable): Expression {
  const { name, explode, lengthMax } = variable;
  const encode = reserved ? keepReserved : '@uri';
  const cut = lengthMax === undefined ? '' : ` | .[0:${lengthMax}]`;
  const label = JSON.stringify(name);
  const one = `(tostring${cut} | ${encode})`;
  const item = `(tostring | ${encode})`;
  const withName = named
    ? ` | if . == "" then ${JSON.stringify(name + empty)} else ${label} + "=" + . end`
    : '';
  const list = explode
    ? `.[] | ${item}${withName}`
    : `if length == 0 then empty else (map(${item}) | join(","))${withName} end`;
  const pairs = explode
    ? `to_entries[] | (.key | ${item}) + "=" + (.value | ${item})`
    : `if length == 0 then empty else ([to_entries[] | (.key, .value) | ${item}] | join(","))${withName} end`;
  return (
    `.[${label}] | if . == null then empty elif type == "array" then (${list}) ` +
    `elif type == "object" then (${pairs}) else (${one}${withName}) end`
  );
}
