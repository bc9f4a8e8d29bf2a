import type { Workflow } from '@parley/contracts';
import { parseId } from '@parley/kernel';
import { isParleyError, type ParleyClient } from '@parley/sdk';
import { exitCodes, Failure } from './exit-codes.js';
import { itemsOf } from './pages.js';

/** The workflow with this id or name. */
export async function findWorkflow(client: ParleyClient, idOrName: string): Promise<Workflow> {
  if (parseId('workflow', idOrName).ok) {
    try {
      return await client.call('getWorkflow', { params: { workflow: idOrName } });
    } catch (error) {
      if (!isParleyError(error, 'not-found')) throw error;
      throw notFound(idOrName);
    }
  }
  const found: Workflow[] = [];
  for await (const workflow of itemsOf(client, 'listWorkflows')) {
    if (workflow.name === idOrName) found.push(workflow);
  }
  const [only, second] = found;
  if (only === undefined) throw notFound(idOrName);
  if (second === undefined) return only;
  const ids = found.map(({ id }) => id).join(', ');
  throw new Failure(
    exitCodes.usage,
    `Several workflows are named "${idOrName}". Give an id: ${ids}`,
  );
}

function notFound(idOrName: string): Failure {
  return new Failure(
    exitCodes.notFound,
    `There is no workflow "${idOrName}". See what there is: parley workflow list`,
  );
}
