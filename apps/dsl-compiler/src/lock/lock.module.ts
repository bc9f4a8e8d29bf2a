import { Global, Module } from '@nestjs/common';
import { CONFIG, type BaseConfig } from '@parley/nest-kit';
import { Outbound, plainHost, type StandIns } from '@parley/outbound';
import { DocumentFetcher } from './document-fetcher.js';
import { LockResolver } from './lock-resolver.js';

export interface LockConfig extends BaseConfig {
  /** For tests alone: no environment can set it. */
  readonly standIns?: StandIns;
}

/** Gives everybody a `LockResolver`. */
@Global()
@Module({
  providers: [
    {
      provide: LockResolver,
      inject: [CONFIG],
      useFactory: (config: LockConfig) =>
        new LockResolver(new DocumentFetcher({ outbound: outboundOf(config) })),
    },
  ],
  exports: [LockResolver],
})
export class LockModule {}

/** Internal addresses are refused as they are; what is left are Parley's services at public ones. */
function outboundOf(config: LockConfig): Outbound {
  const { conversationUrl, agentUrl, workflowUrl, platformUrl, dslCompilerUrl } = config;
  const { workflowReplicaUrls } = config;
  const services = [conversationUrl, agentUrl, platformUrl, dslCompilerUrl];
  const urls = [...services, workflowUrl, ...workflowReplicaUrls];
  const ownServices = urls
    .map((url) => new URL(url))
    .map(
      (url) => `${plainHost(url.hostname)}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`,
    );
  return new Outbound({ ownPorts: [], ownServices, standIns: config.standIns });
}
