import { plainHost } from '@parley/outbound';
import type { WorkflowConfig } from '../config.js';

/** Offsets from the port base: gateway, issuer, services, database. The demo (20) is none of ours. */
const ownPortOffsets = [...Array.from({ length: 20 }, (_, offset) => offset), 32];

/** What belongs to Parley itself and must never be called for a tenant. */
export function ownPlaces(config: WorkflowConfig) {
  const urls = [
    config.conversationUrl,
    config.agentUrl,
    config.workflowUrl,
    ...config.workflowReplicaUrls,
    config.platformUrl,
    config.dslCompilerUrl,
    config.dbOwnerUrl,
    config.dbAppUrl,
    config.dbSystemUrl,
  ].map((url) => new URL(url));
  const portOf = (url: URL) => Number(url.port || defaultPorts[url.protocol] || 0);
  return {
    ownPorts: [
      ...ownPortOffsets.map((offset) => config.portBase + offset),
      ...urls.filter(isLocal).map(portOf),
      config.port,
    ].filter((port) => port > 0),
    ownServices: urls.map((url) => `${plainHost(url.hostname)}:${portOf(url)}`),
  };
}

const defaultPorts: Readonly<Record<string, number>> = {
  'http:': 80,
  'https:': 443,
  'postgres:': 5432,
  'postgresql:': 5432,
};

function isLocal({ hostname }: URL): boolean {
  return /^(?:localhost|127\.|\[::1\]|0\.0\.0\.0)/.test(hostname);
}
