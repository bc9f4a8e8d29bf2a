import 'reflect-metadata';
import { startService } from '@parley/nest-kit';
import { dslCompilerConfig } from './config.js';
import { dslCompilerService } from './service.js';

await startService(() => dslCompilerService(dslCompilerConfig()));
