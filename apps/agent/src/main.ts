import 'reflect-metadata';
import { startService } from '@parley/nest-kit';
import { agentConfig } from './config.js';
import { agentService } from './service.js';

await startService(() => agentService(agentConfig()));
