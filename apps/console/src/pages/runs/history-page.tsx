import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { client } from '../../api/client';
import { runHistoryRoute } from '../../app/router';
import { useTitleOf } from '../../app/workflow-titles';
import { Button } from '../../ui/button';
import { saveResponse } from '../../ui/download';
import { Page } from '../../ui/page';
import { Problem } from '../../ui/problem';
import { Spinner } from '../../ui/spinner';
import { useToasts } from '../../ui/toast';
import { EntryList } from './entry-list';
import { Scrubber } from './scrubber';
import { StateView } from './state-view';
import { useHistory } from './use-history';
import styles from './history.module.css';

/** The past of a run: every entry of its journal, and the run as it was at any of them. */
export function HistoryPage() {
  const { run: runId } = runHistoryRoute.useParams();
  const { entry: wanted } = runHistoryRoute.useSearch();
  const navigate = runHistoryRoute.useNavigate();
  const titleOf = useTitleOf();
  const run = useQuery({
    queryKey: ['run', runId],
    queryFn: () => client.call('getRun', { params: { run: runId } }),
  });
  const history = useHistory(runId);
  const { entries } = history;
  const selected = Math.min(wanted ?? entries.length, entries.length);
  const select = (entry: number) => {
    void navigate({ search: { entry }, replace: true });
  };
  const error = run.error ?? history.error;
  return (
    <Page
      title={run.data === undefined ? 'History' : `History: ${titleOf(run.data)}`}
      above={
        <Link to="/runs/$run" params={{ run: runId }}>
          Run
        </Link>
      }
      actions={<ExportButton runId={runId} />}
    >
      {error === null ? null : <Problem error={error} />}
      {entries.length === 0 ? (
        error === null ? (
          <Spinner label="Loading the history" />
        ) : null
      ) : (
        <>
          <Scrubber entries={entries} selected={selected} onSelect={select} />
          <div className={styles['columns']}>
            <section aria-labelledby="entries" className={styles['entries']}>
              <h2 id="entries">
                Entries <small>{entries.length}</small>
              </h2>
              <EntryList entries={entries} selected={selected} onSelect={select} />
              {history.hasMore ? (
                <Button kind="quiet" busy={history.isLoading} onClick={history.loadMore}>
                  Load more
                </Button>
              ) : null}
            </section>
            <StateView runId={runId} entry={selected} />
          </div>
        </>
      )}
    </Page>
  );
}

function ExportButton({ runId }: { runId: string }) {
  const toasts = useToasts();
  const save = useMutation({
    mutationFn: async () =>
      saveResponse(
        await client.download('exportRun', { params: { run: runId } }),
        `${runId}.parley-run.json`,
      ),
    onError: (error) => toasts.failure(error),
  });
  return (
    <Button data-testid="export-run" busy={save.isPending} onClick={() => save.mutate()}>
      Export
    </Button>
  );
}
