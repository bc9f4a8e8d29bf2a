import { currentScope } from '@parley/nest-kit';

/** Of a command that another process has passed on: its id, so that it is taken once (W2). */
export function passedOn(): { readonly command?: string } {
  const { commandId } = currentScope() ?? {};
  return commandId === undefined ? {} : { command: commandId };
}
