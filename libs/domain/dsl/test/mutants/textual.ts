import type { DiagnosticCode } from '../../src/index.js';
import type { Sample } from './corpus.js';
import type { Mutant } from './mutant.js';
import type { Random } from './random.js';
import { parseDocument } from 'yaml';
import { pointerOf, sitesOf } from './sites.js';
import { write, type Extent, type Written } from './write.js';

interface Slip {
  readonly codes: readonly DiagnosticCode[];
  readonly layout: 'json' | 'yaml';
  readonly make: (written: Written, place: Extent, random: Random) => string | undefined;
}

/** Mistakes of the text itself, which no JSON value has. */
const slips: Readonly<Record<string, Slip>> = {
  'key written twice': {
    codes: ['PL1004'],
    layout: 'json',
    make: ({ text }, { start, end }) => {
      const member = text.slice(start, end);
      return /^"[^"]+": /.test(member)
        ? `${text.slice(0, end)}, ${member}${text.slice(end)}`
        : undefined;
    },
  },
  'text cut off': {
    codes: ['PL1001'],
    layout: 'json',
    make: ({ text }, { start }) => (start > 1 ? text.slice(0, start) : undefined),
  },
  'bracket lost': {
    codes: ['PL1001'],
    layout: 'json',
    make: ({ text }, { end }) =>
      /[\]}]/.test(text.charAt(end - 1)) && end < text.length - 1
        ? text.slice(0, end - 1) + text.slice(end)
        : undefined,
  },
  'quote lost': {
    codes: ['PL1001'],
    layout: 'yaml',
    make: ({ text }, { end }) => {
      if (text.charAt(end - 1) !== '"') return undefined;
      const next = text.slice(0, end - 1) + text.slice(end);
      // The next quote may close the text, and all be well again.
      return parseDocument(next).errors.length > 0 ? next : undefined;
    },
  },
  'tag written': {
    codes: ['PL1005'],
    layout: 'yaml',
    make: ({ text }, place) => beforeValue(text, place, '!!str '),
  },
  'anchor written': {
    codes: ['PL1005'],
    layout: 'yaml',
    make: ({ text }, place) => beforeValue(text, place, '&here '),
  },
  'alias written': {
    codes: ['PL1005'],
    layout: 'yaml',
    make: ({ text }, { start, end }) => {
      const colon = text.indexOf(': "', start);
      return colon >= start && colon < end && !text.slice(start, end).includes('\n')
        ? `${text.slice(0, colon)}: *there${text.slice(end)}`
        : undefined;
    },
  },
};

export function* textualMutants(
  sample: Sample,
  perKind: number,
  random: Random,
): Generator<Mutant> {
  for (const [kind, { codes, layout, make }] of Object.entries(slips)) {
    const written = write(sample.value, layout);
    const places = [...sitesOf(sample.value)].map(({ path }) => pointerOf(path));
    let made = 0;
    for (const pointer of random.sample(places, perKind * 4)) {
      const place = written.extents.get(pointer);
      const text = place && make(written, place, random);
      if (text === undefined || made >= perKind) continue;
      made += 1;
      yield { kind, sample, text, extents: new Map(), touched: [], expected: codes };
    }
  }
}

/** Puts something before a value that stands on the line of its key. */
function beforeValue(text: string, { start, end }: Extent, what: string): string | undefined {
  const colon = text.indexOf(': "', start);
  if (colon < start || colon >= end || text.slice(start, end).includes('\n')) return undefined;
  return `${text.slice(0, colon + 2)}${what}${text.slice(colon + 2)}`;
}
