/** jq counts characters in Unicode code points; JavaScript strings count UTF-16 code units. */

export function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

/** Whether positions in `text` are the same in code points and in code units. */
function isFlat(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    if (isSurrogate(text.charCodeAt(i))) return false;
  }
  return true;
}

/** The characters of a text, one code point each. */
export function codepoints(text: string): string[] {
  return Array.from(text);
}

/** Length in code points. */
export function codepointLength(text: string): number {
  let length = text.length;
  for (let i = 1; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xdc00 && unit <= 0xdfff && isHigh(text.charCodeAt(i - 1))) length -= 1;
  }
  return length;
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** The code unit offset of a code point offset. */
function unitOffset(text: string, codepoints: number): number {
  let offset = 0;
  for (let left = codepoints; left > 0 && offset < text.length; left -= 1) {
    offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  }
  return offset;
}

/** A slice between two code point offsets, `0 <= start <= end <= length`. */
export function codepointSlice(text: string, start: number, end: number): string {
  if (isFlat(text)) return text.slice(start, end);
  const from = unitOffset(text, start);
  return text.slice(from, from + unitOffset(text.slice(from), end - start));
}

/** The code point offsets that belong to ascending code unit offsets. */
export function codepointOffsets(text: string, units: readonly number[]): number[] {
  if (isFlat(text)) return [...units];
  let at = 0;
  let count = 0;
  return units.map((unit) => {
    while (at < unit) {
      at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
      count += 1;
    }
    return count;
  });
}

/** Order by code point, which is also the order of the UTF-8 bytes. */
export function compareStrings(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i += 1) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return orderUnit(x) - orderUnit(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above the rest of the basic plane. */
function orderUnit(unit: number): number {
  return isSurrogate(unit) ? unit + 0x2000 : unit >= 0xe000 ? unit - 0x800 : unit;
}
