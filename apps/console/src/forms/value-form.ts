import type { Json } from '@parley/kernel';
import { useMemo, useState } from 'react';
import { parseJson, type JsonFault } from '../json/json-text';
import { entryOf, fits, readEntry, type Entry, type Faults } from './entry';
import { fieldOf, type Field } from './field';

export type FormMode = 'fields' | 'json';

/** What a form holds and can do; shown by `ValueFields`. */
export interface ValueForm {
  readonly field: Field;
  readonly mode: FormMode;
  /** Whether there is a schema that fields can be made from. */
  readonly hasFields: boolean;
  readonly entry: Entry;
  readonly text: string;
  readonly textFault: JsonFault | undefined;
  readonly faults: Faults;
  /** Counts the times that something was found wrong, so focus can go there. */
  readonly refusals: number;
  readonly setEntry: (entry: Entry) => void;
  readonly setText: (text: string) => void;
  /** Changes the way of entering. @returns why not, if what is entered does not allow it */
  readonly setMode: (mode: FormMode) => string | undefined;
  /** The value, or undefined after showing what is wrong with it. */
  readonly read: () => { readonly value: Json } | undefined;
  readonly refuse: (faults: Faults) => void;
}

interface State {
  readonly mode: FormMode;
  readonly entry: Entry;
  readonly text: string;
  readonly faults: Faults;
  readonly refusals: number;
}

const noFaults: Faults = new Map();

/** A form for a value of `schema`; without one, or when `initial` does not fit it, JSON text. */
export function useValueForm(
  schema: Json | undefined,
  options: { readonly label: string; readonly initial?: Json },
): ValueForm {
  const { label, initial } = options;
  const field = useMemo(() => fieldOf(schema, label), [schema, label]);
  const hasFields = field.kind !== 'json';
  const [state, setState] = useState<State>(() => ({
    mode: hasFields && (initial === undefined || fits(field, initial)) ? 'fields' : 'json',
    entry: entryOf(field, initial ?? field.initial),
    text: textOf(initial ?? field.initial ?? {}),
    faults: noFaults,
    refusals: 0,
  }));
  const parsed = useMemo(() => parseJson(state.text), [state.text]);

  function change(part: Partial<State>): void {
    setState((before) => ({ ...before, ...part }));
  }

  function refuse(faults: Faults): undefined {
    setState((before) => ({ ...before, faults, refusals: before.refusals + 1 }));
    return undefined;
  }

  function readFields(entry = state.entry): { value: Json | undefined; faults: Faults } {
    const faults = new Map<string, string>();
    return { value: readEntry(field, entry, { pointer: '', faults }), faults };
  }

  return {
    field,
    hasFields,
    ...state,
    textFault: parsed.ok ? undefined : parsed.error,
    refuse,
    // What was refused before is checked again with every change, so its message goes in time.
    setEntry: (entry) =>
      change({ entry, faults: state.faults.size === 0 ? noFaults : readFields(entry).faults }),
    setText: (text) => change({ text, faults: noFaults }),
    setMode(mode) {
      if (mode === state.mode) return undefined;
      if (mode === 'json') {
        change({ mode, text: textOf(readFields().value ?? {}), faults: noFaults });
        return undefined;
      }
      if (!parsed.ok) return 'Correct the JSON first.';
      if (!fits(field, parsed.value)) return 'The fields cannot show this value; go on in JSON.';
      change({ mode, entry: entryOf(field, parsed.value), faults: noFaults });
      return undefined;
    },
    read() {
      if (state.mode === 'json') {
        return parsed.ok ? { value: parsed.value } : refuse(noFaults);
      }
      const { value, faults } = readFields();
      return faults.size === 0 && value !== undefined ? { value } : refuse(faults);
    },
  };
}

function textOf(value: Json): string {
  return JSON.stringify(value, null, 2);
}
