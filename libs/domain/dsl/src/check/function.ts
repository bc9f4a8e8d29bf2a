import { nearest } from '../diagnostics/nearest.js';
import {
  catalogFunction,
  functionName,
  isFunctionAddress,
  platformFunctions,
  protocols,
} from '../language/functions.js';
import type { ScalarNode } from '../source/tree.js';
import type { Check } from './context.js';
import { reportMislaid, reportUndeclared } from './reference.js';
import type { WrittenText } from './text.js';

const known: ReadonlySet<string> = new Set<string>([...protocols, ...platformFunctions]);

/** Whether what a call names can be found, so that its arguments mean something. */
export function isCallable(check: Check, name: string): boolean {
  if (known.has(functionName(name)) || isFunctionAddress(name)) return true;
  const catalog = catalogFunction(name)?.catalog;
  const catalogued = catalog !== undefined && check.declared.of('catalogs').has(catalog);
  return catalogued || check.declared.of('functions').has(name);
}

/** The name of a function to call: of the language, the platform, `use.functions`, or elsewhere. */
export function checkFunction(check: Check, { node, text, env }: WrittenText): void {
  if (check.declared.of('functions').has(text)) {
    check.uses.push({ kind: 'functions', name: text, env });
    return;
  }
  if (known.has(functionName(text))) return;
  if (isFunctionAddress(text)) {
    check.external = true;
    return;
  }
  const catalogued = catalogFunction(text);
  if (catalogued !== undefined) check.external = true;
  if (catalogued !== undefined && catalogued.catalog !== 'default') {
    const { catalog } = catalogued;
    if (!check.declared.mayHave('catalogs', catalog)) {
      reportUndeclared(check, () => node, { kind: 'catalogs', name: catalog });
    }
    return;
  }
  if (catalogued !== undefined && check.declared.of('catalogs').has('default')) return;
  if (text.includes('${')) {
    check.reporter.report('PL1035', node, { message: '"call" must be a fixed name' });
  } else if (!check.declared.mayHave('functions', text)) {
    reportUnknown(check, node, text);
  }
}

function reportUnknown(check: Check, node: ScalarNode, text: string): void {
  if (check.declared.mislaid !== undefined) {
    reportMislaid(check, check.declared.mislaid);
    return;
  }
  check.repeats.add(`call ${text}`, () => {
    const names = [...check.declared.of('functions').keys(), ...protocols, ...platformFunctions];
    const near = nearest(text, names);
    const [best] = near;
    const finding = {
      message: `There is no function "${text}" to call`,
      expected: names.slice(0, 20).join(', '),
      actual: text,
      suggestions: near,
      ...(best !== undefined && {
        fix: { title: `Write "${best}"`, span: node.span, newText: best },
      }),
    };
    return { code: 'PL1050', place: node, finding };
  });
}
