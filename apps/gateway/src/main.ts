import 'reflect-metadata';
import { startService } from '@parley/nest-kit';
import { gatewayConfig } from './config.js';
import { gatewayService } from './service.js';

await startService(() => gatewayService(gatewayConfig()));
