/** What a place in a program, or in a text around programs, is. */
export type ProgramState =
  /** Names, operators. */
  | 'code'
  /** Inside of a text or a comment: nothing is computed there. */
  | 'quiet';

export interface ProgramBefore {
  /** Where the program begins in the text. */
  readonly start: number;
  readonly state: ProgramState;
}

/** The program in `${ }` that goes on at the end of a text; undefined when none is open there. */
export function openProgram(text: string): ProgramBefore | undefined {
  let at = 0;
  for (;;) {
    const found = text.indexOf('$', at);
    if (found === -1) return undefined;
    if (text.startsWith('$${', found)) at = found + 3;
    else if (text.startsWith('${', found)) {
      const end = scan(text, found + 2);
      if (typeof end === 'string') return { start: found + 2, state: end };
      at = end + 1;
    } else at = found + 1;
  }
}

/** The state at the end of a program. */
export function stateAfter(program: string): ProgramState {
  const end = scan(program, 0);
  return typeof end === 'string' ? end : 'code';
}

/** Reads a program: the place of the brace that closes it, or the state that the text ends in. */
function scan(text: string, start: number): number | ProgramState {
  const open: string[] = [];
  let at = start;
  while (at < text.length) {
    const character = text.charAt(at);
    if (open.at(-1) === '"') {
      if (character === '"') open.pop();
      if (character === '\\' && text.charAt(at + 1) === '(') open.push('(');
      at += character === '\\' ? 2 : 1;
      continue;
    }
    if (character === '#') {
      const end = text.indexOf('\n', at);
      if (end === -1) return 'quiet';
      at = end;
    } else if (character === '}' && open.length === 0) return at;
    else if ('"({['.includes(character)) open.push(character);
    else if (')}]'.includes(character)) open.pop();
    at += 1;
  }
  return open.at(-1) === '"' ? 'quiet' : 'code';
}
