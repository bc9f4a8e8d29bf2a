import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { createProvider } from './provider.ts';
import { SignIn } from './sign-in.ts';
import { IssuerStore } from './store.ts';

const loopback = new Set(['127.0.0.1', 'localhost', '::1']);

/** The development issuer: an OpenID provider that trusts whoever holds the printed address. */
const host = process.env['PARLEY_HOST'] ?? '127.0.0.1';
const port = Number(process.env['PARLEY_PORT'] ?? 7402);
const home = process.env['PARLEY_HOME'] ?? '.parley';
const consoleUrl = required('PARLEY_CONSOLE_URL');

if (process.env['NODE_ENV'] === 'production') {
  stop('the development issuer never runs in production; configure PARLEY_OIDC_ISSUER instead');
}
if (!loopback.has(host) || !loopback.has(new URL(consoleUrl).hostname)) {
  stop('the development issuer runs only while every listener is a loopback address');
}

const issuer = `http://${host}:${String(port)}`;
const directory = join(home, 'issuer');
const store = new IssuerStore(join(directory, 'store.json'));
const provider = await createProvider({
  issuer,
  consoleUrl,
  directory,
  store,
  tokenTtlSeconds: Number(process.env['PARLEY_ISSUER_TOKEN_TTL_SECONDS'] ?? 3600),
});
const signIn = new SignIn(provider, store, required('PARLEY_ISSUER_LOGIN_TOKEN_FILE'));
const serve = provider.callback();

const server = createServer((request, response) => {
  if (!fromHere(request)) {
    response.writeHead(403, { 'content-type': 'text/plain' }).end('wrong Host or Origin\n');
    return;
  }
  const isSignIn = request.url?.startsWith('/sign-in/') === true;
  const handled = isSignIn ? signIn.handle(request, response) : serve(request, response);
  Promise.resolve(handled).catch((error: unknown) => fail(response, error));
});
server.listen(port, host, () => console.log(`development issuer at ${issuer}`));

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    store.flush();
    process.exit(0);
  });
}

/** A page of another site can neither reach the issuer by another name nor post to it. */
function fromHere(request: IncomingMessage): boolean {
  const { host: named, origin } = request.headers;
  if (named !== new URL(issuer).host) return false;
  return origin === undefined || origin === 'null' || origin === issuer || origin === consoleUrl;
}

function fail(response: ServerResponse, error: unknown): void {
  console.error(error);
  if (response.headersSent) return void response.end();
  response
    .writeHead(400, { 'content-type': 'text/plain; charset=utf-8' })
    .end('This sign-in has expired. Go back to the console and sign in again.\n');
}

function required(name: string): string {
  return process.env[name] ?? stop(`${name} is not set`);
}

function stop(message: string): never {
  console.error(message);
  process.exit(2);
}
