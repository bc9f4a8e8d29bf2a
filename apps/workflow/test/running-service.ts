import { createService, type RunningService } from '@parley/nest-kit';
import { recordedLog, testConfig, type TestKeys } from '@parley/nest-kit/testing';
import { createPool, type Pool } from '@parley/postgres';
import type { TestDatabase } from '@parley/testing';
import { workflowService } from '../src/service.js';

/** The whole service on a database, and a pool of the role that serves requests. */
export async function runningService(
  database: TestDatabase,
  keys: TestKeys,
): Promise<{ readonly service: RunningService; readonly app: Pool }> {
  const urls = database.urls('workflow');
  const config = {
    ...testConfig('workflow', keys),
    dbOwnerUrl: urls.owner,
    dbAppUrl: urls.app,
    dbSystemUrl: urls.system,
    installationKey: 'a-key-for-this-test-alone',
    portBase: 7400,
  };
  const { log } = recordedLog('workflow');
  const service = await createService({ ...workflowService(config), log });
  return { service, app: createPool(urls.app, { applicationName: 'test app' }) };
}
