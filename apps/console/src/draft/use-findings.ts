import type { Diagnostic, DraftRevision } from '@parley/contracts';
import { useMemo, useState } from 'react';
import { findingOf } from './editor/finding';
import type { Checked } from './language';

export interface Findings {
  readonly diagnostics: readonly Diagnostic[];
  /** The same, and advice behind it. */
  readonly findings: readonly Diagnostic[];
  readonly take: (checked: Checked) => void;
}

/** What is known to be wrong with a text: of a saved one, the platform has said it already. */
export function useFindings(text: string, revision: DraftRevision): Findings {
  const [checked, setChecked] = useState<Checked>();
  const known = text === revision.source ? revision.diagnostics : [];
  const diagnostics = checked?.diagnostics ?? known;
  const findings = useMemo(
    () => [...diagnostics, ...(checked?.suggestions ?? []).map(findingOf)],
    [diagnostics, checked],
  );
  return { diagnostics, findings, take: setChecked };
}
