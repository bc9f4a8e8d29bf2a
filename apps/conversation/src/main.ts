import 'reflect-metadata';
import { startService } from '@parley/nest-kit';
import { conversationConfig } from './config.js';
import { conversationService } from './service.js';

await startService(() => conversationService(conversationConfig()));
