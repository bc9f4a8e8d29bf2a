import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answer } from './stub.ts';

export interface StubServer {
  /** `http://127.0.0.1:…` */
  readonly origin: string;
  stop(): Promise<void>;
}

/** The stub behind a real socket. */
export async function startStub(): Promise<StubServer> {
  const server = createServer((request, response) => {
    const { method = '', url = '/', headers } = request;
    const {
      status,
      headers: given,
      body,
    } = answer({
      method,
      host: (headers.host ?? '').replace(/:\d+$/, ''),
      target: url,
      authorization: headers.authorization,
    });
    response.writeHead(status, given).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${String(port)}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
