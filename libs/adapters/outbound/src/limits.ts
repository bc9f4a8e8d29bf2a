/** Ceilings of one call. */
export const outboundLimits = {
  /** The whole call, from resolving the name to the last byte. */
  totalMsMax: 30_000,
  connectMsMax: 5_000,
  /** Connections that wait for their next call, in all. */
  keptConnectionsMax: 256,
  /** How long one waits: less than servers commonly do. */
  keptIdleMsMax: 4_000,
  requestBytesMax: 8 * 1_048_576,
  responseBytesMax: 8 * 1_048_576,
  headerBytesMax: 32 * 1024,
  urlLengthMax: 16_384,
  /** Shorter credentials are left where an answer echoes them: they could be any word of it. */
  echoedSecretLengthMin: 6,
  /** Addresses of one name that are tried. */
  addressesMax: 3,
  retryAfterMsMax: 24 * 60 * 60 * 1_000,
} as const;
