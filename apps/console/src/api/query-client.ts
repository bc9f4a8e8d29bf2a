import { isParleyError } from '@parley/sdk';
import { QueryClient } from '@tanstack/react-query';
import { shareEqual } from './share-equal';

/** The SDK repeats what can be repeated; a second layer of retries would only make errors late. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (count, error) => isParleyError(error, 'unavailable') && count < 20,
      retryDelay: (attempt) => Math.min(1_000 * 2 ** attempt, 5_000),
      staleTime: 5_000,
      structuralSharing: shareEqual,
    },
    mutations: { retry: false },
  },
});
