import type { GatewayConfig } from './config.js';
import type { Upstreams } from './proxy/upstream.js';

export function upstreamsOf(config: GatewayConfig): Upstreams {
  return {
    conversation: config.conversationUrl,
    agent: config.agentUrl,
    workflow: config.workflowUrl,
    platform: config.platformUrl,
    'dsl-compiler': config.dslCompilerUrl,
  };
}
