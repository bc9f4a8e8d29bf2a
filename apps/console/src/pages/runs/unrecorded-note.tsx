/** Says what a run of the fast path has not recorded, so that nobody takes it for nothing. */
export function UnrecordedNote({ count }: { count: number | undefined }) {
  if (count === undefined) return null;
  return (
    <p data-testid="unrecorded">
      Not recorded: fast path. Of the steps that the run took by itself ({count}{' '}
      {count === 1 ? 'entry' : 'entries'}) only what they came to was written down.
    </p>
  );
}
