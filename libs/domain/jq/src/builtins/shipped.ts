/** Builtins that are written in jq: rare, or made of others. */
const SOURCES = [
  'def in(xs): . as $x | xs | has($x);',
  'def inside(xs): . as $x | xs | contains($x);',
  'def combinations: if length == 0 then [] else .[0][] as $x | (.[1:] | combinations) as $y | [$x] + $y end;',
  'def combinations(n): . as $dot | [range(n) | $dot] | combinations;',
  'def isvalid(f): try (f | true) catch false;',
  'def recurse_down: recurse;',
  'def todate: strftime("%Y-%m-%dT%H:%M:%SZ");',
  'def fromdateiso8601: strptime("%Y-%m-%dT%H:%M:%SZ") | mktime;',
  'def todateiso8601: strftime("%Y-%m-%dT%H:%M:%SZ");',
  'def fromdate: fromdateiso8601;',
  'def date: todate;',
  'def dateadd(u; n): . + n;',
  'def datesub(u; n): . - n;',
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

export const shippedDefinitions: readonly (readonly [string, string])[] = SOURCES.map((source) => {
  const [, name = '', parameters] = /^def (\w+)(\([^)]*\))?:/.exec(source) ?? [];
  const arity = parameters === undefined ? 0 : parameters.split(';').length;
  return [`${name}/${arity}`, source];
});
