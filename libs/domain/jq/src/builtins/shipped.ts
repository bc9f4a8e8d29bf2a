/** Builtins that are written in jq: rare, or made of others. */
const SOURCES = [
  'def in(xs): . as $x | xs | has($x);',
  'def inside(xs): . as $x | xs | contains($x);',
  'def combinations: if length == 0 then [] else .[0][] as $x | (.[1:] | combinations) as $y | [$x] + $y end;',
  'def combinations(n): . as $dot | [range(n) | $dot] | combinations;',
  'def todate: strftime("%Y-%m-%dT%H:%M:%SZ");',
  'def fromdateiso8601: strptime("%Y-%m-%dT%H:%M:%SZ") | mktime;',
  'def todateiso8601: strftime("%Y-%m-%dT%H:%M:%SZ");',
  'def fromdate: fromdateiso8601;',
  'def finites: select(isfinite);',
  'def normals: select(isnormal);',
  'def truncate_stream(stream): . as $n | null | stream | . as $input | if (.[0] | length) > $n then setpath([0]; $input[0][$n:]) else empty end;',
  'def fromstream(i): {x: null, e: false} as $init | foreach i as $i ($init; if .e then $init else . end | if $i | length == 2 then setpath(["e"]; $i[0] | length == 0) | setpath(["x"] + $i[0]; $i[1]) else setpath(["e"]; $i[0] | length == 1) end; if .e then .x else empty end);',
  'def tostream: path(def r: (.[]? | r), .; r) as $p | getpath($p) | reduce path(.[]?) as $q ([$p, .]; [$p + $q]);',
  'def INDEX(stream; idx_expr): reduce stream as $row ({}; .[$row | idx_expr | tostring] = $row);',
  'def INDEX(idx_expr): INDEX(.[]; idx_expr);',
  'def JOIN($idx; idx_expr): [.[] | [., $idx[idx_expr]]];',
  'def JOIN($idx; stream; idx_expr): stream | [., $idx[idx_expr]];',
  'def JOIN($idx; stream; idx_expr; join_expr): stream | [., $idx[idx_expr]] | join_expr;',
  'def IN(s): any(s == .; .);',
  'def IN(src; s): any(src == s; .);',
] as const;

/** What builtins that are made otherwise are in jq: path expressions take these. */
const PATH_SOURCES = [
  'def abs: if . < 0 then -. else . end;',
  'def add: reduce .[] as $x (null; . + $x);',
  'def add(f): reduce f as $x (null; . + $x);',
  'def ltrimstr($left): if startswith($left) then .[$left | length:] end;',
  'def rtrimstr($right): if endswith($right) then .[:length - ($right | length)] end;',
  'def trimstr($val): ltrimstr($val) | rtrimstr($val);',
  'def while(cond; update): def _while: if cond then ., (update | _while) else empty end; _while;',
  'def until(cond; next): def _until: if cond then . else (next | _until) end; _until;',
  'def repeat(exp): def _repeat: exp, _repeat; _repeat;',
  'def index($i): indices($i) | .[0];',
  'def rindex($i): indices($i) | .[-1:][0];',
  'def join($x): reduce .[] as $i (null; (if . == null then "" else . + $x end) + ($i | if type == "boolean" or type == "number" then tostring else . // "" end)) // "";',
  'def from_entries: map({(.key // .Key // .name // .Name): (if has("value") then .value else .Value end)}) | add // {};',
  'def pick(pathexps): . as $in | reduce path(pathexps) as $a (null; setpath($a; $in | getpath($a)));',
] as const;

function named(source: string): readonly [string, string] {
  const [, name = '', parameters] = /^def (\w+)(\([^)]*\))?:/.exec(source) ?? [];
  const arity = parameters === undefined ? 0 : parameters.split(';').length;
  return [`${name}/${arity}`, source];
}

export const shippedDefinitions: readonly (readonly [string, string])[] = SOURCES.map(named);
export const pathDefinitions: ReadonlyMap<string, string> = new Map(PATH_SOURCES.map(named));
