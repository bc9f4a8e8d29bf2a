import type { Feature } from './expressions.js';

const FORMATS = [
  '@text',
  '@json',
  '@csv',
  '@tsv',
  '@html',
  '@uri',
  '@urid',
  '@sh',
  '@base64',
  '@base64d',
];

/** Forms of the syntax. */
export const SYNTAX: Record<string, Feature> = {
  identity: (e) => `. | ${e.path(0)}`,
  'recursive descent': (e) => `[.. | ${e.value(1)}]`,
  member: (e) => `.${e.key()}`,
  'member of string': (e) => `.${e.string()}`,
  'member of expression': (e) => `.[${e.value(1)}]`,
  'optional member': (e) => `${e.pick('.a', '."b"', '.[0]', '.["a"]', '.a.b')}?`,
  slice: (e) => `.[${e.pick(e.number(), e.value(1))}:${e.pick(e.number(), e.value(1))}]`,
  'open slice': (e) => e.pick(`.[${e.number()}:]`, `.[:${e.number()}]`),
  iteration: (e) => `${e.path(1)} | .[]`,
  'optional iteration': (e) => `${e.path(1)} | .[]?`,
  comma: (e) => `${e.value(1)}, ${e.value(1)}`,
  pipe: (e) => `${e.value(1)} | ${e.value(1)} | ${e.value(1)}`,
  number: (e) =>
    e.pick(
      '1.0',
      '1e3',
      '.5',
      '100000000000000000001',
      '1.50',
      '0.10',
      '1e-7',
      '-1.0',
      '-(1e2)',
      '1E+2',
    ),
  string: (e) =>
    e.pick(
      '"\\u00e9\\n\\t\\"\\\\\\/"',
      '"\\ud83d\\ude00"',
      e.text(2),
      '"\\u0001"',
      '"a\\("b\\(1)")c"',
    ),
  interpolation: (e) => `"<\\(${e.value(2)})>"`,
  format: (e) => `${e.path(1)} | ${e.pick(...FORMATS)}`,
  'formatted string': (e) => `${e.pick(...FORMATS)} "v=\\(${e.value(1)})"`,
  array: (e) => `[${e.value(2)}]`,
  object: (e) => `{${e.several(() => `${e.entryKey()}: ${e.term(e.value(1))}`, ', ')}}`,
  'object shorthand': (e) =>
    e.pick(
      '{a, b}',
      '{"a", "b c"}',
      '{a: 1, b}',
      '{"a\\(1)"}',
      '. as $x | {$x, a: 1}',
      '{@base64 "a"}',
      '{"1", a, "0": 1}',
    ),
  'object with computed keys': (e) =>
    `{(${e.pick(e.string(), '.a', '"x", "y"', e.value(1))}): ${e.term(e.value(1))}}`,
  '+': (e) => `${e.value(2)} + ${e.value(2)}`,
  '-': (e) => `${e.value(2)} - ${e.value(2)}`,
  '*': (e) => `${e.value(1)} * ${e.pick(e.small(), e.value(1), '{"a": {"b": 1, "1": 2}}')}`,
  '/': (e) => `${e.value(1)} / ${e.value(1)}`,
  '%': (e) => `${e.value(1)} % ${e.pick(e.number(), e.value(1))}`,
  negation: (e) => `-(${e.pick(e.number(), e.value(1), '.', '.[]?')})`,
  '==': (e) => `${e.value(2)} == ${e.value(2)}`,
  '!=': (e) => `${e.value(2)} != ${e.value(2)}`,
  '<': (e) => `${e.value(2)} < ${e.value(2)}`,
  '<=': (e) => `${e.value(2)} <= ${e.value(2)}`,
  '>': (e) => `${e.value(2)} > ${e.value(2)}`,
  '>=': (e) => `${e.value(2)} >= ${e.value(2)}`,
  and: (e) => `${e.value(1)} and ${e.value(1)}`,
  or: (e) => `${e.value(1)} or ${e.value(1)}`,
  '//': (e) =>
    `${e.pick(e.value(1), e.path(1), 'empty', 'error("x")', '(false, null, 1)')} // ${e.value(1)}`,
  if: (e) => `if ${e.value(1)} then ${e.value(1)} else ${e.value(1)} end`,
  elif: (e) => `if ${e.condition(1)} then 1 elif ${e.value(1)} then ${e.value(1)} end`,
  'try catch': (e) =>
    `try ${e.term(e.pick(e.value(2), 'error("x")', '(1, error({a: 1}))', 'error(null)'))} catch ${e.term(e.value(1))}`,
  try: (e) => `[.[]? | try ${e.term(e.value(2))}]`,
  '?': (e) => `(${e.value(2)})?`,
  reduce: (e) =>
    `reduce ${e.term(e.path(1))} as $x (${e.pick('0', 'null', '[]', '(1, 2)', '{}')}; ${e.with('x', () => e.pick(`. + $x`, `[., $x]`, e.value(1), '.[$x | tostring] = 1', 'empty', '., 1'))})`,
  foreach: (e) =>
    `foreach ${e.term(e.path(1))} as $x (${e.pick('0', 'null', '(1, 2)')}; ${e.with('x', () => e.pick('[., $x]', e.value(1), 'empty'))})`,
  'foreach with extract': (e) =>
    `foreach ${e.pick('range(3)', '.[]?')} as $x (${e.constant(0)}; [., $x]; ${e.with('x', () => e.value(1))})`,
  'foreach with patterns': (e) =>
    `foreach ([1, 2], [3, {"a": 4}], .) as [$x, $y] (0; ${e.with('y', () => '[$x, $y]')}; ${e.value(0)})`,
  as: (e) => `${e.value(1)} as $x | ${e.with('x', () => e.value(2))}`,
  'as array': (e) =>
    `${e.term(e.pick('.', '[1, [2, 3]]', e.value(1)))} as [$x, [$y]] | ${e.pick('[$x, $y]', '$y')}`,
  'as object': (e) =>
    `${e.term(e.pick('.', '{"a": 1, "b": [2]}', e.value(1)))} as {a: $x, $b, ${e.pick('"c": $z', '("a", "b"): $z', '$k: [$z]')}} | [$x, $b, $z]`,
  '?//': (e) =>
    `${e.term(e.pick('.', '[1, 2]', '{"a": 1}', '.[]?'))} as [$x] ?// {a: $x} ?// $x | ${e.pick('[$x]', '$x | error', 'if $x | type == "number" then error($x) else $x end')}`,
  def: (e) => `def f: ${e.value(1)}; ${e.pick('f', '[f, f]', 'f | f', 'map(f)?')}`,
  'def with filters': (e) =>
    `def f(g; h): ${e.pick('g | h', '[g, h]', 'reduce g as $x (0; h)', 'h + g')}; f(${e.value(1)}; ${e.value(1)})`,
  'def with values': (e) =>
    `def f($a; $b): ${e.pick('[$a, $b]', '$a + $b', 'a, $b')}; f(${e.value(1)}; ${e.value(1)})`,
  'def that calls itself': (e) => `def f: if type == "array" then map(f) else ${e.value(1)} end; f`,
  'def in def': (e) =>
    `def f(g): def h: g | ${e.pick('[.]', 'tojson', '.')}; h, h; f(${e.value(1)})`,
  label: (e) =>
    `[label $out | ${e.term(e.path(1))} | if ${e.condition(1)} then break $out else ${e.value(0)} end]`,
  'label in foreach': () =>
    `label $f | foreach .[]? as $x (0; . + 1; if . > 2 then ., break $f else . end)`,
  '=': (e) => `${e.term(e.path(2))} = ${e.term(e.value(1))}`,
  '|=': (e) =>
    `${e.term(e.path(2))} |= ${e.term(e.pick(e.value(1), 'empty', '(., 1)', 'tojson', '[.]'))}`,
  '+=': (e) => `${e.term(e.path(1))} += ${e.term(e.value(1))}`,
  '-=': (e) => `${e.term(e.path(1))} -= ${e.term(e.value(1))}`,
  '*=': (e) => `${e.term(e.path(1))} *= ${e.pick(e.small(), '{"a":{}}', '1.5')}`,
  '/=': (e) => `${e.term(e.path(1))} /= ${e.term(e.value(0))}`,
  '%=': (e) => `${e.term(e.path(1))} %= ${e.number()}`,
  '//=': (e) => `${e.term(e.path(1))} //= ${e.term(e.value(1))}`,
  'path of anything': (e) =>
    `path(${e.pick(e.value(1), '.a | tostring', 'map(.)', '.a | trim', '.[0] | abs', '.a | ltrimstr("x")', 'add', 'sort', '1', '.a | tojson', '.[]? | tonumber', 'null', '.a |= 1', 'if . then .a else . end', '. as $x | $x', '.a as $x | $x', 'reduce .a as $x (.; .b)', 'foreach .[]? as $x (.; .[0]?; .)', 'error("x")?', 'getpath(["a"])', 'to_entries', 'first(.[]?)', 'last(.[]?)', 'limit(1; .[]?)', 'input_line_number?'.replace('input_line_number?', 'type'))})`,
  'deep values': (e) =>
    `reduce range(${e.pick('50', '300')}) as $i (${e.value(0)}; ${e.pick('[.]', '{a: .}', '[., $i]')}) | ${e.pick('tojson | length', '[..] | length', '[paths] | length', '. == .', 'flatten | length', 'tojson | fromjson == .', '[leaf_paths?]'.replace('[leaf_paths?]', '[tostream] | length'), 'walk(.) | tojson | length', '. as $x | [$x, $x] | unique | length')}`,
  'large values': (e) =>
    `[range(${e.pick('500', '3000')})] | ${e.pick('add', 'map(. + 1) | length', 'sort_by(-.) | .[0]', '.[100:200] | length', 'map(tostring) | join(",") | length', 'group_by(. % 7) | map(length)', 'index(50)', 'reverse | first', '(map({(tostring): .}) | add | length)', 'to_entries | from_entries? // .[1]', 'max, min', '. as $a | [$a[] | select(. % 100 == 0)]', 'with_entries(.value += 1)? // 1', 'del(.[10:]) | tojson', 'INDEX(. % 10) | keys')}`,
  precedence: (e) =>
    `${e.value(0)} ${e.pick('+', '-', '*')} ${e.value(0)} ${e.pick('==', '<', 'and', 'or', '//', ',', '|')} ${e.value(0)} ${e.pick('+', '//', ',', '|', 'and')} ${e.value(0)}`,
  comment: (e) => `# a comment | \n ${e.value(1)} # and \\\n another`,
  $__loc__: () => `$__loc__ | .file, (.line > 0)`,
  'not a program': (e) =>
    e.pick(
      '.a.[',
      '1 +',
      '{a',
      'if . then 1',
      'nonesuch',
      '$nope',
      'reduce . as $x (0)',
      '.[1',
      '"a\\q"',
      '@',
      'break $x',
      '{(1): 2}',
      '. as [] | 1',
      'def f: 1;',
      '1 == 2 == 3',
      '|',
      '.a = 1 = 2',
      'try',
      '{"a":1 2}',
      '. as $x',
      '%',
    ),
};
