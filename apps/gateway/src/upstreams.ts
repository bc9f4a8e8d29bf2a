import { Origins } from '@parley/nest-kit';
import type { GatewayConfig } from './config.js';
import type { Upstreams } from './proxy/upstream.js';

export function upstreamsOf(config: GatewayConfig): Upstreams {
  return {
    conversation: new Origins(config.conversationUrl),
    agent: new Origins(config.agentUrl),
    workflow: new Origins([config.workflowUrl, ...config.workflowReplicaUrls]),
    platform: new Origins(config.platformUrl),
    'dsl-compiler': new Origins(config.dslCompilerUrl),
  };
}
