import { readExport, replayCheck, type ReplayReport } from '@parley/engine';
import { schemaCheck } from '@parley/json-schema';
import type { Json } from '@parley/kernel';
import { exitCodes, Failure } from '../exit-codes.js';
import { detailsText } from '../output/table.js';
import { safeText } from '../output/text.js';

const shownLengthMax = 1_000;

/** @throws Failure when the file is no export, or one that this version cannot read */
export function checkExport(parsed: Json, file: string): ReplayReport {
  const read = readExport(parsed);
  if (typeof read === 'string') throw new Failure(exitCodes.refused, `${file} ${read}.`);
  return replayCheck(read, { schemas: schemaCheck });
}

export function reportText({ turns, entries, repeated, folded, difference }: ReplayReport): string {
  return detailsText([
    ['Turns', `${turns}, ${repeated} of them taken again`],
    ['Entries', String(entries)],
    ['Only folded', folded.length === 0 ? undefined : `turns ${folded.join(', ')}`],
    ['Result', difference === undefined ? 'no difference' : 'different'],
    ['Turn', difference?.position === undefined ? undefined : String(difference.position)],
    ['Entry', difference?.entry === undefined ? undefined : String(difference.entry)],
    ['What', difference?.what],
    ['Recorded', shown(difference?.recorded)],
    ['Here', shown(difference?.replayed)],
  ]);
}

function shown(value: Json | undefined): string | undefined {
  if (value === undefined) return undefined;
  const text = safeText(JSON.stringify(value));
  return text.length > shownLengthMax ? `${text.slice(0, shownLengthMax)} …` : text;
}
