import type { Expressions, Feature } from './expressions.js';
import { regexText } from './regexes.js';

/** Builtins without arguments. */
const PLAIN = (
  'abs add all any arrays ascii_downcase ascii_upcase booleans combinations explode finites first ' +
  'flatten floor from_entries fromdate fromdateiso8601 fromjson gmtime have_decnum infinite ' +
  'have_literal_numbers implode isfinite isinfinite isnan isnormal iterables keys keys_unsorted last ' +
  'length ltrim max min mktime nan normals not nulls numbers objects paths recurse reverse round rtrim ' +
  'scalars sort sqrt strings to_entries toboolean todate todateiso8601 tojson tonumber tostream ' +
  'tostring transpose trim trunc type unique utf8bytelength values error empty ceil fabs'
).split(' ');

/** Functions of the C library: the last digits of what they give depend on that library. */
export const MATH_UNARY = (
  'acos acosh asin asinh atan atanh cbrt cos cosh erf erfc exp exp10 exp2 expm1 frexp j0 j1 lgamma ' +
  'lgamma_r log log10 log1p log2 logb modf nearbyint rint significand sin sinh tan tanh tgamma y0 y1'
).split(' ');

export const MATH_BINARY =
  'atan2 copysign drem fdim fmax fmin fmod hypot ldexp nextafter nexttoward pow remainder scalb scalbln'.split(
    ' ',
  );

/** The input of a builtin: what it works on, mostly. */
const INPUTS: Record<string, (e: Expressions) => string> = {
  fromjson: (e) =>
    e.pick('tojson', '"[1,2"', '"{\\"a\\":1.0}"', '"nan"', '"1 2"', '.', '"\\(.)"', '""'),
  fromdate: (e) =>
    e.pick('"2015-03-05T23:51:47Z"', '.', '"2024-02-30T00:00:00Z"', '"1970-01-01T00:00:00Z"'),
  gmtime: (e) => e.pick('1425599621', '.', '-1', '1425599621.678', '1e10', '0'),
  mktime: (e) =>
    e.pick('[2024,1,10,1,2,3,0,0]', '.', '[2015,2,5,23,51,47.5]', '["a"]', '[1900]', '(0|gmtime)'),
  todate: (e) => e.pick('1425599621', '.', '[2015,2,5,23,51,47,4,63]', '-86400', '1.5'),
  implode: (e) => e.pick('explode', '.', '[65, 128512]', '[55296, 1114112, -1]', '["a"]', '[65.9]'),
  combinations: (e) => e.pick('[[1,2],[3,4]]', '[.[]? | arrays][:3]', '.', '[]'),
  transpose: (e) => e.pick('[[1],[2,3]]', '.', '[.[]? | arrays]'),
  from_entries: (e) =>
    e.pick('to_entries', '.', '[{"name":"a","Value":1},{"k":"b","v":2}]', '[{"key":false}]'),
  add: (e) => e.pick('.', '[.[]? | numbers]', '[.[]? | strings]', '[{"1":1},{"0":2},{"a":1}]'),
  flatten: (e) => e.pick('.', '[.]', '[[1,[2,[3]]],.]'),
  sort: (e) => e.pick('.', '[.[]?]', '[.[]?, 1, null, "a", {}, [], false]'),
  tonumber: (e) =>
    e.pick(
      '.',
      '"1.50"',
      '" 1"',
      '"0x1"',
      '"-0"',
      '"1e1000"',
      '"nan"',
      '"12345678901234567890"',
      '".5"',
    ),
  tostring: (e) => e.pick('.', '1.0', '[1.0, 1e2]', '0.00001', '1e17', '3.0 * 1', '1e-5 + 0'),
  recurse: (e) => e.pick('.', '.a'),
};

function plain(name: string): Feature {
  const same: Record<string, string> = {
    fromdateiso8601: 'fromdate',
    todateiso8601: 'todate',
    unique: 'sort',
    max: 'sort',
    min: 'sort',
    tojson: 'tostring',
    reverse: 'flatten',
  };
  const input = INPUTS[same[name] ?? name];
  return (e) => {
    const from = input === undefined || e.random.chance(0.3) ? e.path(1) : input(e);
    return `${from} | ${name}`;
  };
}

function math(name: string): Feature {
  return (e) =>
    `${e.pick('.', '(.. | numbers)', e.number(), e.constant(0), '0.5', '-2.5', '7')} | ${name}`;
}

function math2(name: string): Feature {
  const argument = (e: Expressions): string =>
    e.pick(e.small(), e.number(), '.', '0.5', '-1.5', '(1, 2)');
  return (e) => `${name}(${argument(e)}; ${argument(e)})`;
}

const REGEX = (e: Expressions): string =>
  JSON.stringify(
    e.random.chance(0.5)
      ? regexText(e.random)
      : e.pick(
          ...[
            'a',
            '[a-z]+',
            '(?<x>a)(?<y>b)?',
            '\\w+',
            '\\s',
            '^',
            '$',
            '',
            '.',
            '(a|b)*',
            'o+?',
            '(?i)A',
          ],
          ...[
            '(',
            '[é日]',
            '\\d{2,}',
            '(?<n>[0-9]+)',
            'a(?=b)',
            '(?<=a)b',
            '(x)|(a)',
            '\\p{L}+',
            ', *',
            'x??',
          ],
        ),
  );

const FLAGS = (e: Expressions): string =>
  e.pick(
    '"g"',
    'null',
    '""',
    '"i"',
    '"gi"',
    '"x"',
    '"gx"',
    '"n"',
    '"gn"',
    '"q"',
    '"l"',
    '"s"',
    '1',
  );

const STAMPS = (e: Expressions): string =>
  e.pick(
    ...[
      '"%Y-%m-%dT%H:%M:%SZ"',
      '"%A, %B %d, %Y"',
      '"%j %U %w %y"',
      '"%H:%M"',
      '"%s"',
      '"%e %b %Y"',
      '1',
    ],
    ...[
      '"%c"',
      '"%D %T"',
      '"%Z"',
      '"%G-W%V-%u"',
      '"%I:%M %p"',
      '""',
      '"%%"',
      '"%C %g %n %t"',
      '"%k|%l"',
    ],
  );

/** Builtins with arguments. */
const CALLS: Record<string, Feature> = {
  'IN/1': (e) => `IN(${e.value(2)})`,
  'IN/2': (e) => `IN(${e.value(1)}; ${e.value(1)})`,
  'INDEX/1': (e) => `INDEX(${e.value(1)})`,
  'INDEX/2': (e) => `INDEX(.[]?; ${e.pick('.a', '.', '.key', 'tojson')})`,
  'JOIN/2': (e) => `JOIN({"a": 1, "1": 2}; ${e.pick('tostring', '.a', '.')})`,
  'JOIN/3': (e) => `JOIN({"a": 1}; .[]?; ${e.pick('tostring', '.a')})`,
  'JOIN/4': (e) => `JOIN({"a": 1}; .[]?; tostring; ${e.value(1)})`,
  'add/1': (e) => `add(${e.value(2)})`,
  'all/1': (e) => `all(${e.condition(1)})`,
  'all/2': (e) => `all(${e.path(1)}; ${e.condition(1)})`,
  'any/1': (e) => `any(${e.condition(1)})`,
  'any/2': (e) => `any(${e.path(1)}; ${e.condition(1)})`,
  'bsearch/1': (e) => `${e.pick('sort', '.', '[1,2,3]')} | bsearch(${e.constant(1)})`,
  'capture/1': (e) => `${e.path(1)} | capture(${e.pick(REGEX(e), `[${REGEX(e)}, ${FLAGS(e)}]`)})`,
  'capture/2': (e) => `${e.path(1)} | capture(${REGEX(e)}; ${FLAGS(e)})`,
  'combinations/1': (e) =>
    `${e.pick('[1,2]', '.[:2]', '[]')} | combinations(${e.pick('0', '1', '2', '3')})`,
  'contains/1': (e) => `${e.path(1)} | contains(${e.pick(e.constant(1), '.a', '.', e.string())})`,
  'del/1': (e) => `del(${e.path(2)})`,
  'delpaths/1': (e) =>
    `delpaths(${e.pick('[["a"]]', '[[0],["a","b"]]', '[paths]', '[]', '[[]]', '[["a",0],[-1]]', '1')})`,
  'endswith/1': (e) => `${e.path(1)} | endswith(${e.pick(e.string(), e.constant(0))})`,
  'error/1': (e) => `error(${e.value(1)})`,
  'first/1': (e) => `first(${e.value(2)})`,
  'flatten/1': (e) => `flatten(${e.pick('0', '1', '2', '-1', '1.5', '"a"', '(1, 2)')})`,
  'fma/3': (e) => `fma(${e.number()}; ${e.small()}; ${e.number()})`,
  'format/1': (e) =>
    `${e.path(1)} | format(${e.pick('"csv"', '"json"', '"text"', '"html"', '"x"', '1', '"base64"')})`,
  'fromstream/1': (e) =>
    `fromstream(${e.pick('tostream', '1 | truncate_stream([[0],1],[[1,0],2],[[1,0]],[[1]])', '(tostream, tostream)', '([[0],1],[[0]])')})`,
  'getpath/1': (e) =>
    `getpath(${e.pick('["a"]', '["a","b"]', '[0,1]', '[]', '["a",{"start":1,"end":null}]', '1', '.')})`,
  'group_by/1': (e) => `group_by(${e.value(1)})`,
  'gsub/2': (e) =>
    `${e.path(1)} | gsub(${REGEX(e)}; ${e.pick('"-"', '"<\\(.x)>"', '("p", "q")', '.x', 'empty', '1')})`,
  'gsub/3': (e) => `${e.path(1)} | gsub(${REGEX(e)}; "[\\(.n // "-")]"; ${FLAGS(e)})`,
  'has/1': (e) => `has(${e.pick('"a"', '0', '"1"', '-1', '1.7', '.', 'null', '("a", "b")')})`,
  'in/1': (e) => `in(${e.pick('{"a": 1}', '[1, 2]', '.')})`,
  'index/1': (e) => `index(${e.pick(e.string(), '1', '[1]', '","', 'null')})`,
  'indices/1': (e) =>
    `indices(${e.pick(e.string(), '1', '[1]', '[1, 2]', '", "', '[]', 'null', '{}')})`,
  'inside/1': (e) => `inside(${e.pick('.', '"foobar"', '[1, "abc", null]', '{"a": {"b": 1}}')})`,
  'isempty/1': (e) => `isempty(${e.pick(e.value(1), 'empty', 'error("x")', '1, error("x")')})`,
  'join/1': (e) => `join(${e.pick('","', '", "', '""', '1', '("-", "+")', 'null')})`,
  'jn/2': (e) => `jn(${e.natural()}; ${e.number()})`,
  'yn/2': (e) => `yn(${e.natural()}; ${e.number()})`,
  'last/1': (e) => `last(${e.value(2)})`,
  'limit/2': (e) =>
    `limit(${e.pick(e.small(), '(1, 2)', '1.5')}; ${e.pick(e.value(2), '1, 2, error("x")')})`,
  'ltrimstr/1': (e) => `${e.path(1)} | ltrimstr(${e.pick(e.string(), e.constant(0))})`,
  'map/1': (e) => `map(${e.value(2)})`,
  'map_values/1': (e) =>
    `map_values(${e.pick(e.value(1), 'empty', '(., .)', 'select(. != null)')})`,
  'match/1': (e) =>
    `${e.path(1)} | match(${e.pick(REGEX(e), `[${REGEX(e)}, ${FLAGS(e)}]`, '[]', '1')})`,
  'match/2': (e) => `${e.path(1)} | match(${REGEX(e)}; ${FLAGS(e)})`,
  'max_by/1': (e) => `max_by(${e.value(1)})`,
  'min_by/1': (e) => `min_by(${e.value(1)})`,
  'nth/1': (e) => `nth(${e.pick(e.small(), '(0, 1)', '"a"')})`,
  'nth/2': (e) => `nth(${e.pick(e.small(), '(0, 2)')}; ${e.value(2)})`,
  'path/1': (e) => `path(${e.path(2)})`,
  'paths/1': (e) => `paths(${e.condition(1)})`,
  'pick/1': (e) => `pick(${e.pick(e.path(1), '.a.b', '.[1]', '.a[1:2]', 'first', '.[-1]')})`,
  'range/1': (e) => `range(${e.pick('3', '2.5', '0', '-1', '(1, 2)', '"a"', '1.0')})`,
  'range/2': (e) =>
    `range(${e.pick('0', '1.0', '-2', '(0, 1)')}; ${e.pick('3', '2.50', '(1, 3)')})`,
  'range/3': (e) =>
    `range(${e.pick('0', '1.0', '5')}; ${e.pick('3', '-2', '0')}; ${e.pick('1', '2', '-1', '0.5', '-1.5')})`,
  'recurse/1': (e) =>
    `recurse(${e.pick('.[]?', '.a? // empty', 'if type == "number" and . < 3 and . > -3 then . + 1 else empty end')})`,
  'recurse/2': (e) => `recurse(.[]?; ${e.condition(1)})`,
  'repeat/1': (e) => `limit(7; repeat(${e.pick('.', '., .', '1', '.[]?, 1')}))`,
  'rindex/1': (e) => `rindex(${e.pick(e.string(), '1', '[1]', '","')})`,
  'rtrimstr/1': (e) => `${e.path(1)} | rtrimstr(${e.pick(e.string(), e.constant(0))})`,
  'scan/1': (e) => `${e.path(1)} | scan(${e.pick(REGEX(e), `(${REGEX(e)}, ${REGEX(e)})`)})`,
  'scan/2': (e) => `${e.path(1)} | scan(${REGEX(e)}; ${FLAGS(e)})`,
  'select/1': (e) => `${e.path(1)} | select(${e.condition(2)})`,
  'setpath/2': (e) =>
    `setpath(${e.pick('["a"]', '["a","b"]', '[0,1]', '[]', '["1"]', '["__proto__"]', '[{"start":1,"end":2}]', '1', '[-1]')}; ${e.value(1)})`,
  'skip/2': (e) => `skip(${e.pick(e.small(), '(0, 1)')}; ${e.value(2)})`,
  'sort_by/1': (e) => `sort_by(${e.pick(e.value(1), '.a, .b', 'type, .', '.a')})`,
  'split/1': (e) => `${e.path(1)} | split(${e.pick(e.string(), '1')})`,
  'split/2': (e) => `${e.path(1)} | split(${REGEX(e)}; ${FLAGS(e)})`,
  'splits/1': (e) => `${e.path(1)} | splits(${REGEX(e)})`,
  'splits/2': (e) => `${e.path(1)} | splits(${REGEX(e)}; ${FLAGS(e)})`,
  'startswith/1': (e) => `${e.path(1)} | startswith(${e.pick(e.string(), e.constant(0))})`,
  'strftime/1': (e) =>
    `${e.pick('1425599621', '.', '[2024,1,29,12,0,0,4,59]', '0', '-5', '1e9')} | strftime(${STAMPS(e)})`,
  'strptime/1': (e) =>
    `${e.pick('"2015-03-05T23:51:47Z"', '.', '"10:20"', '"Thu, 05 Mar 2015"')} | strptime(${e.pick('"%Y-%m-%dT%H:%M:%SZ"', '"%H:%M"', '"%a, %d %b %Y"', '"%Y"')})`,
  'sub/2': (e) =>
    `${e.path(1)} | sub(${REGEX(e)}; ${e.pick('"-"', '"<\\(.x)>"', '("p", "q")', 'empty')})`,
  'sub/3': (e) => `${e.path(1)} | sub(${REGEX(e)}; "[\\(.x)]"; ${FLAGS(e)})`,
  'test/1': (e) => `${e.path(1)} | test(${e.pick(REGEX(e), `[${REGEX(e)}, ${FLAGS(e)}]`, '1')})`,
  'test/2': (e) => `${e.path(1)} | test(${REGEX(e)}; ${FLAGS(e)})`,
  'trimstr/1': (e) => `${e.path(1)} | trimstr(${e.pick(e.string(), '1')})`,
  'truncate_stream/1': (e) =>
    `${e.pick('1', '0', '2')} | truncate_stream(${e.pick('[[0],1],[[1,0],2],[[1,0]],[[1]]', '{"a":[1,{"b":2}]} | tostream')})`,
  'unique_by/1': (e) => `unique_by(${e.value(1)})`,
  'until/2': (e) => `${e.natural()} | until(. > 3; . + ${e.pick('1', '2', '(1, 2)')})`,
  'walk/1': (e) =>
    `walk(${e.pick('.', 'if type == "array" then sort else . end', 'numbers', 'if type == "object" then del(.a) else . end', e.value(1))})`,
  'while/2': (e) => `${e.natural()} | while(. < ${e.pick('4', '3')}; . + ${e.pick('1', '(1, 2)')})`,
  'with_entries/1': (e) =>
    `with_entries(${e.pick('.value |= tojson', 'select(.value)', '.key |= "k" + .', e.value(1))})`,
  'now/0': () => 'now | type',
  'builtins/0': () => 'builtins | length > 100',
  'tojson/0': (e) => `${e.value(2)} | tojson`,
};

const plainFeatures = PLAIN.map((name): [string, Feature] => [`${name}/0`, plain(name)]);
const mathFeatures = MATH_UNARY.map((name): [string, Feature] => [`${name}/0`, math(name)]);
const math2Features = MATH_BINARY.map((name): [string, Feature] => [`${name}/2`, math2(name)]);

export const BUILTINS: Record<string, Feature> = {
  ...Object.fromEntries([...plainFeatures, ...mathFeatures, ...math2Features]),
  ...CALLS,
};
