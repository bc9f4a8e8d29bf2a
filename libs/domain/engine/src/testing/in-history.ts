import { sealIr, type Ir, type RunHistory } from '@parley/ir';

/** The definition as it is when its runs are recorded so. */
export function inHistory(ir: Ir, history: RunHistory): Ir {
  if (history === 'full') return ir;
  const { hash: _hash, document, ...rest } = ir;
  const metadata = { ...document.metadata, history };
  return sealIr({ ...rest, document: { ...document, metadata } });
}
