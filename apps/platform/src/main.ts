import 'reflect-metadata';
import { startService } from '@parley/nest-kit';
import { platformConfig } from './config.js';
import { platformService } from './service.js';

await startService(() => platformService(platformConfig()));
