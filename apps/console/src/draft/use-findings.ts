import type { Diagnostic, DraftRevision } from '@parley/contracts';
import { useMemo, useState } from 'react';
import { findingOf } from './editor/finding';
import type { Checked } from './language';

export interface Findings {
  readonly diagnostics: readonly Diagnostic[];
  /** What could be better about a text that is right. */
  readonly advice: readonly Diagnostic[];
  /** The text has changed since. */
  readonly isStale: boolean;
  readonly take: (checked: Checked) => void;
  readonly outdate: () => void;
}

/** What is known to be wrong with a text: of a saved one, the platform has said it already. */
export function useFindings(text: string, revision: DraftRevision): Findings {
  const [checked, setChecked] = useState<Checked>();
  const [isStale, setStale] = useState(false);
  const known = text === revision.source ? revision.diagnostics : [];
  const advice = useMemo(() => (checked?.suggestions ?? []).map(findingOf), [checked]);
  return {
    diagnostics: checked?.diagnostics ?? known,
    advice,
    isStale,
    take: (found) => {
      setStale(false);
      setChecked(found);
    },
    outdate: () => setStale(true),
  };
}
