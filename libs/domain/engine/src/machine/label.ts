import { jsonEquals, type Json } from '@parley/kernel';
import { changedLabels, labelProblem, labelsOf, noLabels, type LabelChange } from '../labels.js';
import type { Label, Rejection, Start } from '../stimuli.js';
import type { TurnDraft } from './turn.js';

/** Changes what a run can be found by; whatever it does is not touched by it. */
export function label(
  turn: TurnDraft,
  { by, kind: _kind, ...change }: Label,
): Rejection | undefined {
  return relabel(turn, by, change);
}

/** Gives a run that begins the labels of its definition and those of whoever starts it. */
export function labelStart(
  turn: TurnDraft,
  { by, labels }: Pick<Start, 'by' | 'labels'>,
): Rejection | undefined {
  const own = labelsOf(turn.program.ir);
  const addTags = [...own.tags, ...(labels?.addTags ?? [])];
  return relabel(turn, by, { addTags, attributes: { ...own.attributes, ...labels?.attributes } });
}

function relabel(
  turn: TurnDraft,
  by: string | undefined,
  change: LabelChange,
): Rejection | undefined {
  const before = turn.state.labels ?? noLabels;
  const labels = changedLabels(before, change);
  const message = labelProblem(labels);
  if (message !== undefined) return { reason: 'unfit', message };
  if (jsonEquals(before as unknown as Json, labels as unknown as Json)) return undefined;
  turn.emit({ kind: 'labelled', ...(by === undefined ? {} : { by }), ...labels });
  return undefined;
}
