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
  /** Keeps it for the next call, or closes it: then there is something to wait for. */
  release(options: { readonly keep: boolean }): Promise<void> | undefined;
}

/** Connections that wait for their next call, by route; each serves one call at a time. */
export class Connections {
  private readonly kept = new Map<string, Kept[]>();
  private count = 0;

  take({ origin, address, sharedAs }: Route): Connection {
    if (sharedAs === undefined) return new Single(clientFor(origin, address));
    const name = `${sharedAs}\0${origin}\0${address}`;
    return this.takeKept(name) ?? new Kept(name, clientFor(origin, address), this);
  }

  /** Closes those that wait. */
  async close(): Promise<void> {
    const waiting = [...this.kept.values()].flat();
    this.kept.clear();
    this.count = 0;
    await Promise.all(waiting.map(({ client }) => client.destroy()));
  }

  /** @returns whether it waits for its next call now */
  keep(connection: Kept): boolean {
    const { name, client } = connection;
    if (this.count >= outboundLimits.keptConnectionsMax || !client.stats.connected) return false;
    const waiting = this.kept.get(name);
    if (waiting === undefined) this.kept.set(name, [connection]);
    else waiting.push(connection);
    this.count += 1;
    return true;
  }

  /** The other side has closed it. */
  gone(connection: Kept): void {
    const waiting = this.kept.get(connection.name) ?? [];
    const at = waiting.indexOf(connection);
    if (at < 0) return;
    waiting.splice(at, 1);
    if (waiting.length === 0) this.kept.delete(connection.name);
    this.count -= 1;
    void connection.client.destroy();
  }

  /** The one that was used last: the others may go. */
  private takeKept(name: string): Kept | undefined {
    const waiting = this.kept.get(name);
    const connection = waiting?.pop();
    if (connection === undefined) return undefined;
    if (waiting?.length === 0) this.kept.delete(name);
    this.count -= 1;
    return connection;
  }
}

/** A connection for one call. */
class Single implements Connection {
  readonly client: Client;
  readonly used = false;

  constructor(client: Client) {
    this.client = client;
  }

  release(): Promise<void> {
    return this.client.destroy();
  }
}

/** A connection that may serve another call. */
class Kept implements Connection {
  readonly name: string;
  readonly client: Client;
  used = false;
  private readonly connections: Connections;

  constructor(name: string, client: Client, connections: Connections) {
    this.name = name;
    this.client = client;
    this.connections = connections;
    client.on('disconnect', () => connections.gone(this));
  }

  release({ keep }: { readonly keep: boolean }): Promise<void> | undefined {
    this.used = true;
    return keep && this.connections.keep(this) ? undefined : this.client.destroy();
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
