import { useQuery } from '@tanstack/react-query';
import { client } from '../api/client';

const pageSize = 200;
const staleMs = 30_000;

/** The workflows that a person may choose from, by title. */
export function useWorkflowChoices() {
  const { data } = useQuery({
    queryKey: ['workflows', 'choices'],
    queryFn: () => client.call('listWorkflows', { query: { pageSize } }),
    staleTime: staleMs,
  });
  return data?.items ?? [];
}

/** The title of a run's workflow; its name while the title is not known. */
export function useTitleOf(): (run: { workflowId: string; workflowName: string }) => string {
  const titles = new Map(useWorkflowChoices().map(({ id, title }) => [id, title]));
  return ({ workflowId, workflowName }) => titles.get(workflowId) ?? workflowName;
}
