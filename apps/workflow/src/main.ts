import 'reflect-metadata';
import { startService } from '@parley/nest-kit';
import { workflowConfig } from './config.js';
import { workflowService } from './service.js';

await startService(() => workflowService(workflowConfig()));
