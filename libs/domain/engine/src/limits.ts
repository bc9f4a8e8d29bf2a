/**
 * What one turn and one run may use. Turn limits cut the turn (`yielded`); run limits fail the run
 * with an error type of their own, because a run that grows without end is a fault to look at.
 */
export interface EngineLimits {
  /** Steps that one turn may take. */
  readonly turnNodesMax: number;
  /** JSON bytes of entries that one turn may write before it is cut. */
  readonly turnBytesMax: number;
  /** Whether of lists that grow only what is new is written. Absent: each is written whole. */
  readonly listsGrow?: boolean;
  /** Steps that the expressions of one turn may take before it is cut. */
  readonly turnEvaluationMax: number;
  /** The same of the one step that goes beyond that; then it fails. */
  readonly stepEvaluationMax: number;
  /**
   * The same where many runs share a thread: a turn that takes more throws `TooHeavy`, and is to be
   * taken again where there is time. Absent: this is that place.
   */
  readonly sharedEvaluationMax?: number;
  /**
   * Entries of one run, the last one (completed, failed, cancelled) not counted. A run costs what its
   * state costs, however long it is: this is for loops that nobody meant to have no end.
   */
  readonly runEntriesMax: number;
  /** Occurrences of one run that are open at the same time. */
  readonly runLiveMax: number;
  /** JSON bytes that one run may keep in memory between turns. */
  readonly runStateBytesMax: number;
  /** The longest wait, time-out or retry delay. */
  readonly delayMsMax: number;
  /** Items that one `map` may go over: each step of it touches the list of their results. */
  readonly mapItemsMax: number;
  /** Items of one `map` that are in progress at a time, also when it names no limit. */
  readonly mapConcurrencyMax: number;
  /** JSON bytes of one value: an input, an output, a list that is gone over, the context. */
  readonly valueBytesMax: number;
  /** Bytes of one event that is emitted: what the bus takes, less what goes around it. */
  readonly eventBytesMax: number;
}

export const defaultLimits: EngineLimits = {
  turnNodesMax: 2_000,
  turnBytesMax: 256 * 1024,
  turnEvaluationMax: 100_000,
  stepEvaluationMax: 20_000_000,
  runEntriesMax: 20_000_000,
  runLiveMax: 5_000,
  runStateBytesMax: 16 * 1024 * 1024,
  delayMsMax: 3_650 * 24 * 3_600_000,
  mapItemsMax: 10_000,
  mapConcurrencyMax: 1_000,
  valueBytesMax: 8 * 1024 * 1024,
  eventBytesMax: 192 * 1024,
};
