import { pointerTo } from '../json/pointer';
import type { Entry } from './entry';
import type { Field } from './field';

/** The pointers that the form has a place for. */
export function placesOf(field: Field, entry: Entry, pointer = ''): Set<string> {
  const places = new Set([pointer]);
  const add = (child: Field, inside: Entry, token: string | number) => {
    for (const place of placesOf(child, inside, pointerTo(pointer, token))) places.add(place);
  };
  if (field.kind === 'object' && entry.kind === 'object') {
    for (const { name, field: child } of field.fields) {
      const inside = entry.entries[name];
      if (inside !== undefined) add(child, inside, name);
    }
  } else if (field.kind === 'array' && entry.kind === 'array') {
    entry.items.forEach((item, index) => add(field.item, item.entry, index));
  }
  return places;
}
