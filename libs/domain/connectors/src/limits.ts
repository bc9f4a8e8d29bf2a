/** Ceilings of an import; each is a precise refusal when it is passed. */
export const limits = {
  /** UTF-8 bytes of a document. */
  documentBytesMax: 10 * 1_048_576,
  /** Levels of nesting in a document. */
  documentDepthMax: 256,
  /** Uses of one YAML anchor, so that a small text cannot unfold into a huge one. */
  yamlAliasesMax: 200,
  /** Faults reported for one document. */
  faultsMax: 20,
  /** Notices kept for one document. */
  noticesMax: 50,
  operationsMax: 2_000,
  /** A chain of references that only lead to references. */
  referenceChainMax: 32,
  /** Nodes of one schema once its references are written out; deeper references are cut to fit. */
  schemaNodesMax: 2_000,
  /** Nodes of all schemas of a document together. */
  schemaNodesPerDocumentMax: 400_000,
  /** A schema always gets this much, however many there are. */
  schemaNodesMin: 80,
  /** Documents up to this size are read again to say where a fault is (line and column). */
  locatedBytesMax: 1_048_576,
} as const;
