/**
 * A light stemmer for English. It joins the forms of one word that requests and API documents use
 * for the same thing (reserve, reserved, reservation; notify, notification), and leaves short words
 * alone, because cutting those joins words that have nothing in common.
 */
const irregular: Readonly<Record<string, string>> = {
  used: 'use',
  using: 'use',
  is: 'be',
  are: 'be',
  was: 'be',
  were: 'be',
  been: 'be',
  has: 'have',
  had: 'have',
  paid: 'pay',
  payment: 'pay',
  sent: 'send',
  told: 'tell',
  made: 'make',
  got: 'get',
  gotten: 'get',
  gave: 'give',
  given: 'give',
  taken: 'take',
  took: 'take',
  held: 'hold',
  people: 'person',
  children: 'child',
  men: 'man',
  women: 'woman',
  availability: 'avail',
  available: 'avail',
  news: 'news',
  status: 'status',
  address: 'address',
  addresses: 'address',
  process: 'process',
  business: 'business',
  access: 'access',
  analysis: 'analys',
  series: 'series',
  lent: 'lend',
  sold: 'sell',
  bought: 'buy',
  left: 'leave',
  written: 'write',
  wrote: 'write',
  broken: 'break',
  broke: 'break',
  chosen: 'choose',
  begun: 'begin',
  due: 'due',
  fee: 'fee',
  fees: 'fee',
  refusal: 'refus',
  dispatched: 'dispatch',
  cancellation: 'cancel',
  cancellations: 'cancel',
  cancelled: 'cancel',
  cancelling: 'cancel',
  labelled: 'label',
  modelled: 'model',
};

const suffixes: readonly (readonly [RegExp, string])[] = [
  [/ifications?$/, 'ifi'],
  [/if(?:y|ies|ied|ying)$/, 'ifi'],
  [/(?:al)?isations?$|(?:al)?izations?$/, 'is'],
  [/i[sz](?:e|es|ed|ing)$/, 'is'],
  [/abilit(?:y|ies)$/, ''],
  [/(?:at|it|ut|ct|pt|st|ss|rt|nt|et)ions?$/, '@'],
  [/(?:at)ors?$/, '@'],
  [/fulness$/, ''],
  [/ments?$/, ''],
  [/ously$/, 'ous'],
  [/ingly$|edly$/, ''],
  [/ings?$/, ''],
  [/ied$|ies$/, 'y'],
  [/ed$/, ''],
  [/(?<=ss|sh|ch|x|z)es$/, ''],
  [/(?<![su])s$/, ''],
  [/als?$/, ''],
];

/** The stem of one lower-case word. */
export function stem(word: string): string {
  const known = Object.hasOwn(irregular, word) ? irregular[word] : undefined;
  if (known !== undefined) return known;
  if (word.length <= 3 || !/^[a-z]+$/.test(word)) return word;
  let cut = word;
  for (const [pattern, replacement] of suffixes) {
    const match = pattern.exec(cut);
    if (match === null) continue;
    const rest = cut.slice(0, match.index);
    if (rest.length < 3 || !/[aeiouy]/.test(rest)) continue;
    cut = replacement === '@' ? rest + keptOf(match[0]) : rest + replacement;
    // "moved" is "move", not "mov": three letters that end in one consonant lost an e.
    if (/^(?:ed|ing|ings)$/.test(match[0]) && /^[^aeiou][aeiou][^aeiouwxy]$/.test(rest)) cut += 'e';
    break;
  }
  return settle(cut);
}

/** Of `-ation` nothing stays, of `-ction` the `ct`: action, act; reservation, reserve. */
function keptOf(suffix: string): string {
  return suffix.startsWith('at') || suffix.startsWith('it') ? '' : suffix.slice(0, 2);
}

function settle(word: string): string {
  let settled = word;
  if (/([bdfgmnprt])\1$/.test(settled) && settled.length > 3) settled = settled.slice(0, -1);
  if (settled.length > 4 && settled.endsWith('e')) settled = settled.slice(0, -1);
  if (settled.length > 3 && settled.endsWith('y')) settled = `${settled.slice(0, -1)}i`;
  return settled;
}

/** The words of an identifier or a text, lower case: `getThingParts`, `thing-parts`, `/things/{id}`. */
export function wordsOf(text: string): string[] {
  return withoutAccents(text)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

/** People leave accents out when they type. */
export function withoutAccents(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '');
}

/** Stems of an identifier or a text. */
export function stemsOf(text: string): string[] {
  return wordsOf(text).map(stem);
}
