import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Words of the demo and of the businesses in tests; the planner knows English and no trade. */
const trades =
  /\b(?:kitchen|kitchens|stock|inventory|inventories|restaurant|restaurants|menu|menus|dish|dishes|courier|couriers|delivery|deliveries|chef|waiter|waiters|meal|meals|portion|portions|manager|managers|pos|orders|patient|patients|vet|clinic|clinics|bike|bikes|rental|rentals|deposit|deposits|invoices|medication)\b/i;

/** `delivery` of an operation says what repeating a call does. */
function withoutContract(line: string): string {
  return line.replaceAll('operation.delivery', '');
}

const folders = ['.', '../../../../apps/agent/src'].map((folder) =>
  fileURLToPath(new URL(`${folder}/`, import.meta.url)),
);

function sourcesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
    .map((file) => folder + file);
}

describe('the planner', () => {
  it('has no word of any trade in its code', () => {
    const found = folders.flatMap(sourcesIn).flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .flatMap((line, at) =>
          trades.test(withoutContract(line)) ? [`${file}:${at + 1} ${line.trim()}`] : [],
        ),
    );
    expect(found).toEqual([]);
  });
});
