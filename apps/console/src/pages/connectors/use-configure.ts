import type { Connector, ConfigureConnector } from '@parley/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { client } from '../../api/client';

/** Changes settings of a connector; what is shown follows. */
export function useConfigure(connector: Connector) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: ConfigureConnector) =>
      client.call('configureConnector', { params: { connector: connector.id }, body }),
    onSuccess: (changed) => {
      queries.setQueryData(['connectors', connector.id], changed);
      return queries.invalidateQueries({ queryKey: ['connectors', 'list'] });
    },
  });
}
