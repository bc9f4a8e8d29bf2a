/** Characters of a definition: ten thousand steps of ten lines have three millions. */
export const sourceLengthMax = 4_194_304;
/** Longer texts are read by the fast reader alone: some mistakes cost the complete one seconds. */
export const completeLengthMax = 262_144;
/** Nesting of lists and objects; keeps every recursive walk of the tree inside the stack. */
export const sourceDepthMax = 100;
