/** One kind of mistake; the code is stable, everything else may be worded better over time. */
export interface CodeRow {
  readonly severity: 'error' | 'warning' | 'info';
  readonly title: string;
  /** The smallest piece of a definition that has the mistake. */
  readonly example: string;
  /** The example is described, not written out. */
  readonly words?: true;
  readonly cure: string;
}
