import type { Command } from 'commander';
import { connect, contextOf } from '../context.js';
import { detailsText } from '../output/table.js';
import { rememberServer } from '../settings.js';
import { signInByDevice } from '../sign-in/device-flow.js';
import { discover, postForm } from '../sign-in/issuer.js';
import { SessionStore, type Session } from '../sign-in/session-store.js';
import type { Terminal } from '../terminal.js';

const defaultClientId = 'parley-cli';

export function addSignInCommands(program: Command, terminal: Terminal): void {
  program
    .command('login')
    .description('sign in with a browser; the server becomes the default one')
    .option('--client-id <id>', 'how the issuer knows this program', defaultClientId)
    .addHelpText(
      'after',
      '\nExamples\n  $ parley login\n  $ parley login --server https://parley.example.com',
    )
    .action((options: { clientId: string }, command: Command) => login(terminal, command, options));
  program
    .command('logout')
    .description('forget the sign-in to the server')
    .addHelpText('after', '\nExample\n  $ parley logout')
    .action((_options, command: Command) => logout(terminal, command));
}

async function login(
  terminal: Terminal,
  command: Command,
  { clientId }: { clientId: string },
): Promise<void> {
  const { server, print } = contextOf(terminal, command);
  const { issuer } = await connect(terminal, server).call('clientConfig');
  const session = await signInByDevice(terminal, { server, issuer, clientId });
  new SessionStore(terminal, server).write(session);
  rememberServer(terminal, server);
  const client = connect(terminal, server, () => session.accessToken);
  const { member, tenant } = await client.call('me');
  print.value({ server, member, tenant }, () =>
    detailsText([
      ['Signed in to', server],
      ['as', `${member.name} <${member.email}> (${member.roles.join(', ')})`],
      ['of', tenant.name],
    ]),
  );
}

async function logout(terminal: Terminal, command: Command): Promise<void> {
  const { server, print } = contextOf(terminal, command);
  const store = new SessionStore(terminal, server);
  const session = store.read();
  if (session !== undefined) {
    await revoke(terminal, session);
    store.remove();
  }
  const wasSignedIn = session !== undefined;
  print.value({ server, wasSignedIn }, () =>
    wasSignedIn ? `Signed out of ${server}.` : `You were not signed in to ${server}.`,
  );
}

/** Best effort: signing out works without the issuer, too. */
async function revoke(terminal: Terminal, session: Session): Promise<void> {
  if (session.refreshToken === undefined) return;
  try {
    const { revocationUrl } = await discover(terminal, session.issuer);
    if (revocationUrl === undefined) return;
    await postForm(terminal, revocationUrl, {
      client_id: session.clientId,
      token: session.refreshToken,
      token_type_hint: 'refresh_token',
    });
  } catch (error) {
    if (terminal.interrupted.aborted) throw error;
    terminal.err('parley: the issuer could not be told; the sign-in is forgotten here only.\n');
  }
}
