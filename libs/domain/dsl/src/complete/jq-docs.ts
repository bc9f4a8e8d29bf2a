import { compile } from '@parley/jq';

/** A function of jq: how it is called, and what it gives. */
export interface JqFunction {
  readonly name: string;
  /** As it is called: `map(f)`. */
  readonly call: string;
  readonly doc: string;
}

/** Every function by its calls; common ones first. */
const rows = `
map(f) | Applies f to each item of a list, or each value of an object.
select(f) | The input, when f holds for it; else nothing.
length | Number of items, members or characters; the absolute value of a number; 0 for null.
keys | Names of an object, sorted, or the indices of a list.
has(key) | Whether an object has this member, or a list this index.
contains(b) | Whether all of b is in the input.
add | Sum of all items: numbers, texts, lists or objects.
add(f) | Sum of all outputs of f.
any | Whether any item is true.
any(f) | Whether f holds for any item.
any(generator; f) | Whether f holds for any output of the generator.
all | Whether all items are true.
all(f) | Whether f holds for all items.
all(generator; f) | Whether f holds for all outputs of the generator.
not | The opposite: true for false and null.
tostring | The text of a value; texts as they are, anything else as JSON.
tonumber | The number that a text is.
toboolean | The truth value that the text true or false is.
type | null, boolean, number, string, array or object.
first | The first item.
first(f) | The first output of f.
last | The last item.
last(f) | The last output of f.
nth(n) | The item with this index.
nth(n; f) | The output of f with this number, from 0.
limit(n; f) | The first n outputs of f.
skip(n; f) | The outputs of f after the first n.
sort | The items in order.
sort_by(f) | The items in the order of f.
group_by(f) | Lists of the items with equal f, in order of f.
unique | The items without repetitions, in order.
unique_by(f) | One item for each value of f.
min | The least item.
max | The greatest item.
min_by(f) | The item with the least f.
max_by(f) | The item with the greatest f.
reverse | The items, or characters, from the last to the first.
flatten | Lists in lists become one list.
flatten(depth) | Lists in lists become one list, this many levels deep.
join(separator) | The items as one text, with the separator between them.
split(separator) | The pieces of a text between the separators.
split(regex; flags) | The pieces of a text between the matches.
splits(regex) | The pieces of a text between the matches, one by one.
splits(regex; flags) | The pieces of a text between the matches, one by one.
to_entries | An object as a list of { key, value }.
from_entries | The object that a list of { key, value } makes.
with_entries(f) | Changes each { key, value } of an object by f.
map_values(f) | Applies f to each value; those without output are left out.
del(path) | The input without these parts.
getpath(path) | The part at a list of keys.
setpath(path; value) | The input with another value at a list of keys.
delpaths(paths) | The input without the parts at these lists of keys.
path(f) | The list of keys of each part that f gives.
paths | The list of keys of every part.
paths(f) | The list of keys of every part for which f holds.
leaf_paths | The list of keys of every value that is neither list nor object.
pick(path) | Only these parts of the input, in their places.
test(regex) | Whether a regular expression matches the text.
test(regex; flags) | Whether a regular expression matches the text.
match(regex) | Where a regular expression matches, with its groups.
match(regex; flags) | Where a regular expression matches, with its groups.
capture(regex) | The named groups of a match, as an object.
capture(regex; flags) | The named groups of a match, as an object.
scan(regex) | Everything in the text that matches.
scan(regex; flags) | Everything in the text that matches.
sub(regex; text) | Replaces the first match.
sub(regex; text; flags) | Replaces the first match, or those that the flags say.
gsub(regex; text) | Replaces every match.
gsub(regex; text; flags) | Replaces every match.
startswith(text) | Whether the text begins so.
endswith(text) | Whether the text ends so.
ltrimstr(text) | The text without this beginning.
rtrimstr(text) | The text without this end.
trimstr(text) | The text without this beginning and end.
trim | The text without white space at both ends.
ltrim | The text without white space at its beginning.
rtrim | The text without white space at its end.
ascii_downcase | The text in lower case; only A to Z change.
ascii_upcase | The text in upper case; only a to z change.
explode | The code points of a text, as a list of numbers.
implode | The text of a list of code points.
utf8bytelength | The number of bytes of a text in UTF-8.
index(b) | The place of the first occurrence of b.
rindex(b) | The place of the last occurrence of b.
indices(b) | The places of all occurrences of b.
inside(b) | Whether the input is in b.
in(b) | Whether b has the input as a key.
IN(f) | Whether the input is one of the outputs of f.
IN(source; f) | Whether an output of the source is one of the outputs of f.
INDEX(f) | An object of the items by their f.
INDEX(stream; f) | An object of the outputs of the stream by their f.
JOIN(index; f) | Pairs of each item and what the index has for its f.
JOIN(index; stream; f) | Pairs of each output and what the index has for its f.
JOIN(index; stream; f; join) | The same pairs, made into one value each.
range(n) | The numbers from 0 up to n, without n.
range(from; to) | The numbers from one up to the other, without the last.
range(from; to; step) | The same with a step.
now | The time of this moment of the run, in seconds since 1970.
todate | The ISO 8601 text of seconds since 1970.
fromdate | Seconds since 1970 of an ISO 8601 text.
todateiso8601 | The ISO 8601 text of seconds since 1970.
fromdateiso8601 | Seconds since 1970 of an ISO 8601 text.
date | The ISO 8601 text of seconds since 1970.
dateadd(unit; n) | The time n seconds later.
datesub(unit; n) | The time n seconds earlier.
gmtime | Seconds since 1970 as a list: year, month, day, hours, minutes, seconds, weekday, day of the year.
mktime | Seconds since 1970 of such a list.
strftime(format) | A time as text.
strptime(format) | The time that a text tells, as a list.
tojson | The JSON text of the value.
fromjson | The value of a JSON text.
error | Fails with the input as the error.
error(message) | Fails with this error.
empty | No output at all.
isempty(f) | Whether f has no output.
isvalid(f) | Whether f gives no error.
walk(f) | Applies f to every part, from the inside out.
recurse | The input and all its parts.
recurse(f) | The input, what f gives for it, and so on.
recurse(f; condition) | The same, as long as the condition holds.
recurse_down | The input and all its parts.
repeat(f) | The input, f of it, f of that, and so on.
while(condition; f) | The input, f of it, and so on, as long as the condition holds.
until(condition; f) | Applies f until the condition holds.
combinations | One item of each list, in every combination.
combinations(n) | Every combination of n items.
transpose | Rows become columns.
bsearch(x) | The place of x in a sorted list, or −1 minus the place where it would be.
toarray | The input if it is a list, else a list of it.
keys_unsorted | Names of an object in their order.
values | The input, unless it is null.
nulls | The input, if it is null.
booleans | The input, if it is true or false.
numbers | The input, if it is a number.
strings | The input, if it is a text.
arrays | The input, if it is a list.
objects | The input, if it is an object.
iterables | The input, if it is a list or an object.
scalars | The input, if it is neither a list nor an object.
abs | The number without its sign.
floor | The next whole number below.
ceil | The next whole number above.
round | The nearest whole number.
trunc | The number without its fraction.
rint | The nearest whole number; halves go to the even one.
nearbyint | The nearest whole number; halves go to the even one.
sqrt | The square root.
cbrt | The cube root.
pow(x; y) | x to the power of y.
fabs | The number without its sign.
infinite | Positive infinity.
nan | Not a number.
isinfinite | Whether the number is infinite.
isnan | Whether it is not a number.
isnormal | Whether the number is neither 0 nor tiny nor infinite nor nan.
isfinite | Whether the number is finite.
finites | The input, if it is a finite number.
normals | The input, if it is a normal number.
log | The natural logarithm.
log2 | The logarithm of base 2.
log10 | The logarithm of base 10.
log1p | The natural logarithm of the number plus 1.
logb | The exponent of the number in base 2.
exp | e to the power of the number.
exp2 | 2 to the power of the number.
exp10 | 10 to the power of the number.
expm1 | e to the power of the number, minus 1.
pow10 | 10 to the power of the number.
sin | The sine.
cos | The cosine.
tan | The tangent.
asin | The inverse of the sine.
acos | The inverse of the cosine.
atan | The inverse of the tangent.
atan2(y; x) | The angle of the point (x, y).
sinh | The hyperbolic sine.
cosh | The hyperbolic cosine.
tanh | The hyperbolic tangent.
asinh | The inverse of the hyperbolic sine.
acosh | The inverse of the hyperbolic cosine.
atanh | The inverse of the hyperbolic tangent.
gamma | The logarithm of the gamma function.
lgamma | The logarithm of the gamma function.
tgamma | The gamma function.
erf | The error function.
erfc | One minus the error function.
j0 | The Bessel function of the first kind, of order 0.
j1 | The Bessel function of the first kind, of order 1.
jn(n; x) | The Bessel function of the first kind, of order n.
y0 | The Bessel function of the second kind, of order 0.
y1 | The Bessel function of the second kind, of order 1.
yn(n; x) | The Bessel function of the second kind, of order n.
lgamma_r | The logarithm of the gamma function, and the sign, as a list.
significand | The number scaled into the range from 1 to 2.
frexp | The number as fraction and exponent.
modf | The fraction and the whole part of the number.
ldexp(x; n) | x times 2 to the power of n.
scalb(x; n) | x times 2 to the power of n.
scalbln(x; n) | x times 2 to the power of n.
fma(x; y; z) | x times y plus z.
fmin(x; y) | The lesser of two numbers.
fmax(x; y) | The greater of two numbers.
fmod(x; y) | The remainder of a division.
fdim(x; y) | The difference, or 0 when it is negative.
drem(x; y) | The remainder to the nearest whole quotient.
remainder(x; y) | The remainder to the nearest whole quotient.
hypot(x; y) | The length of the vector (x, y).
copysign(x; y) | x with the sign of y.
nextafter(x; y) | The next number after x towards y.
nexttoward(x; y) | The next number after x towards y.
format(name) | The text of the value in a format, as @name does.
tostream | Every part as [path, value].
fromstream(f) | The values that such parts make.
truncate_stream(f) | Such parts without the first keys of their paths.
builtins | Names of all functions.
have_literal_numbers | Whether numbers keep their digits.
have_decnum | Whether numbers are computed with all their digits.
`;

/** `map(f)` → `map/1`. */
export function signatureOf(call: string): string {
  const [, name = '', parameters] = /^(\w+)(\(.*\))?$/.exec(call) ?? [];
  return `${name}/${parameters === undefined ? 0 : parameters.split(';').length}`;
}

/** Signatures of what can be called: nothing else is proposed. */
export function knownSignatures(): ReadonlySet<string> {
  const program = compile('builtins');
  const names = program.ok ? program.value.first(null) : [];
  return new Set(Array.isArray(names) ? names.map(String) : []);
}

const known = knownSignatures();

export const jqFunctions: readonly JqFunction[] = rows
  .trim()
  .split('\n')
  .map((row) => {
    const [call = '', doc = ''] = row.split(' | ');
    return { name: /^\w+/.exec(call)?.[0] ?? '', call, doc };
  })
  .filter(({ call }) => known.has(signatureOf(call)));

/** Words of the syntax. */
export const jqWords: Readonly<Record<string, string>> = {
  if: 'if … then … else … end',
  then: 'The value when the condition holds.',
  elif: 'Another condition.',
  else: 'The value when no condition holds.',
  end: 'Ends an if.',
  and: 'Whether both hold.',
  or: 'Whether one of the two holds.',
  as: '… as $name | …: names a value.',
  reduce: 'reduce … as $x (start; update): folds many values into one.',
  foreach: 'foreach … as $x (start; update; extract): folds, and gives every state.',
  try: 'try … catch …: another value instead of an error.',
  catch: 'The value instead of an error; the error is the input.',
  def: 'def name: …; makes a function.',
  true: 'true',
  false: 'false',
  null: 'null',
};

/** Formats of texts. */
const formats: Readonly<Record<string, string>> = {
  '@text': 'The value as text.',
  '@json': 'The value as JSON.',
  '@base64': 'The text in base64.',
  '@base64d': 'The text that base64 stands for.',
  '@base32': 'The text in base32.',
  '@base32d': 'The text that base32 stands for.',
  '@uri': 'The text for an address, with % for special characters.',
  '@urid': 'The text of an address, without %.',
  '@csv': 'A list as a line of CSV.',
  '@tsv': 'A list as a line with tabs.',
  '@html': 'The text for HTML.',
  '@sh': 'The text for a shell.',
};

export const jqFormats: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(formats).filter(([name]) => compile(name).ok),
);
