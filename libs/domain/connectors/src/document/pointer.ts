/** A JSON Pointer (RFC 6901); the empty text is the whole document. */
export type Pointer = string;

/** The pointer to a member below `base`. */
export function join(base: Pointer, ...keys: (string | number)[]): Pointer {
  return base + keys.map((key) => `/${escape(String(key))}`).join('');
}

/** The keys of a pointer. */
export function split(pointer: Pointer): string[] {
  return pointer === ''
    ? []
    : pointer
        .slice(1)
        .split('/')
        .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function escape(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
