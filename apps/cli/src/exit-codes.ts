/** What the exit code of a command says; scripts may rely on it. */
export const exitCodes = {
  ok: 0,
  refused: 1,
  usage: 2,
  notSignedIn: 3,
  notFound: 4,
  unreachable: 5,
  runFailed: 6,
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** For `--help`. */
export const exitCodesHelp = `Exit codes
  0  done
  1  refused: the platform said no, and why
  2  the command was not understood
  3  not signed in
  4  not found
  5  not reachable
  6  the run failed, was cancelled or terminated (run start --wait, run result)`;

/** Ends the command with one line and an exit code. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.exitCode = exitCode;
  }
}
