import type { Outcome } from './verdict.js';

/** Figures of one kind of mutation. */
export interface Row {
  readonly kind: string;
  readonly mutants: number;
  readonly toRefuse: number;
  readonly refused: number;
  readonly exact: number;
  readonly toAccept: number;
  readonly accepted: number;
  readonly unclear: number;
}

export function rowOf(kind: string, outcomes: readonly Outcome[]): Row {
  const wrong = outcomes.filter(({ demand }) => demand === 'refused');
  const fine = outcomes.filter(({ demand }) => demand === 'accepted');
  return {
    kind,
    mutants: outcomes.length,
    toRefuse: wrong.length,
    refused: wrong.filter(({ errors }) => errors.length > 0).length,
    exact: wrong.filter(({ exact }) => exact).length,
    toAccept: fine.length,
    accepted: fine.filter(({ errors }) => errors.length === 0).length,
    unclear: outcomes.length - wrong.length - fine.length,
  };
}

/** A table by kind of mutation, with the total at the end. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const kinds = Map.groupBy(outcomes, ({ mutant }) => mutant.kind);
  const rows = [...[...kinds].map(([kind, some]) => rowOf(kind, some)), rowOf('total', outcomes)];
  const lines = rows.map((row) => [
    row.kind,
    String(row.mutants),
    `${row.refused}/${row.toRefuse}`,
    row.toRefuse === 0 ? '-' : `${((100 * row.exact) / row.toRefuse).toFixed(1)} %`,
    `${row.accepted}/${row.toAccept}`,
    String(row.unclear),
  ]);
  const titles = [
    'mutation',
    'mutants',
    'refused',
    'one error, at the place',
    'accepted',
    'unclear',
  ];
  const widths = titles.map((title, at) =>
    Math.max(title.length, ...lines.map((line) => (line[at] ?? '').length)),
  );
  return [titles, ...lines]
    .map((line) =>
      line
        .map((cell, at) =>
          at === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[at] ?? 0),
        )
        .join('  '),
    )
    .join('\n');
}

/** The complaints that are heard most often, each with examples. */
export function worstOf(outcomes: readonly Outcome[], count: number): string {
  const complaints = outcomes.filter(({ complaint }) => complaint !== undefined);
  const groups = Map.groupBy(
    complaints,
    ({ mutant, complaint = '', demand }) =>
      `${demand === 'accepted' ? 'must be accepted' : 'must be refused once'}; ${mutant.kind}: ${complaint.replaceAll(/\/\S+/g, '…').slice(0, 90)}`,
  );
  return [...groups]
    .sort(([, a], [, b]) => b.length - a.length)
    .slice(0, count)
    .map(([title, some]) => {
      const examples = some
        .slice(0, 3)
        .map(
          ({ mutant, complaint }) =>
            `      ${mutant.sample.name} ${mutant.touched.join(' ')} → ${complaint}`,
        );
      return [`${String(some.length).padStart(5)} × ${title}`, ...examples].join('\n');
    })
    .join('\n');
}

/** How good the fixes are that come with lone errors. */
export function fixesOf(outcomes: readonly Outcome[]): string {
  const wrong = outcomes.filter(
    ({ demand, errors }) => demand === 'refused' && errors.length === 1,
  );
  const count = (fix: Outcome['fix']) => wrong.filter((outcome) => outcome.fix === fix).length;
  return `fixes of ${wrong.length} lone errors: ${count('cures')} cure, ${count('helps')} show what stood behind, ${count('fails')} fail`;
}
