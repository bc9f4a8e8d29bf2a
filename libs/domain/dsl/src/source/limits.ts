/** Characters of a definition. */
export const sourceLengthMax = 1_048_576;
/** Nesting of lists and objects; keeps every recursive walk of the tree inside the stack. */
export const sourceDepthMax = 100;
