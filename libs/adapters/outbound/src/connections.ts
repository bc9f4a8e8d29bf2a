import { isIPv4, type LookupFunction } from 'node:net';
import { Client } from 'undici';
import { outboundLimits } from './limits.js';

/** Where a connection leads and who may share it. */
export interface Route {
  readonly origin: string;
  /** What was checked; name, Host and TLS stay those of the origin (G1). */
  readonly address: string;
  /** Calls with the same name share what is kept; undefined when the connection is for one call. */
  readonly sharedAs: string | undefined;
}

/** A connection in the hands of one call. */
export interface Connection {
  readonly client: Client;
  /** It has served a call before, so it may have died meanwhile. */
  readonly used: boolean;
  /** Closes it, or keeps it for the next call. */
  release(options: { readonly keep: boolean }): Promise<void>;
}

/** Connections that wait for their next call, by route; each serves one call at a time. */
export class Connections {
  private readonly kept = new Map<string, Client[]>();
  private count = 0;

  take({ origin, address, sharedAs }: Route): Connection {
    const name = sharedAs === undefined ? undefined : `${sharedAs}\0${origin}\0${address}`;
    const known = name === undefined ? undefined : this.takeKept(name);
    const client = known ?? clientFor(origin, address);
    return {
      client,
      used: known !== undefined,
      release: async ({ keep }) => {
        if (keep && name !== undefined && this.keep(name, client)) return;
        await client.destroy();
      },
    };
  }

  /** Closes those that wait. */
  async close(): Promise<void> {
    const clients = [...this.kept.values()].flat();
    this.kept.clear();
    this.count = 0;
    await Promise.all(clients.map((client) => client.destroy()));
  }

  /** The one that was used last: the others may go. */
  private takeKept(name: string): Client | undefined {
    const clients = this.kept.get(name);
    const client = clients?.pop();
    if (client === undefined) return undefined;
    if (clients?.length === 0) this.kept.delete(name);
    this.count -= 1;
    client.removeAllListeners('disconnect');
    return client;
  }

  private keep(name: string, client: Client): boolean {
    if (this.count >= outboundLimits.keptConnectionsMax || !client.stats.connected) return false;
    const clients = this.kept.get(name) ?? [];
    clients.push(client);
    this.kept.set(name, clients);
    this.count += 1;
    client.once('disconnect', () => this.gone(name, client));
    return true;
  }

  private gone(name: string, client: Client): void {
    const clients = this.kept.get(name) ?? [];
    const at = clients.indexOf(client);
    if (at < 0) return;
    clients.splice(at, 1);
    if (clients.length === 0) this.kept.delete(name);
    this.count -= 1;
    void client.destroy();
  }
}

/** A client that can only connect to `address`. */
function clientFor(origin: string, address: string): Client {
  const family = isIPv4(address) ? 4 : 6;
  const lookup: LookupFunction = (_host, options, callback) => {
    if (options.all === true) callback(null, [{ address, family }]);
    else callback(null, address, family);
  };
  return new Client(origin, {
    allowH2: false,
    connect: { lookup, timeout: outboundLimits.connectMsMax },
    headersTimeout: outboundLimits.totalMsMax,
    bodyTimeout: outboundLimits.totalMsMax,
    keepAliveTimeout: outboundLimits.keptIdleMsMax,
    keepAliveMaxTimeout: outboundLimits.keptIdleMsMax,
    maxHeaderSize: outboundLimits.headerBytesMax,
    pipelining: 1,
  });
}
