/**
 * What a script finds around it: an expression that is evaluated inside the sandbox before the
 * script, in place of what Node would give it. All that it can reach is `write` and `exit`.
 *
 * What must not be run any further waits in `never` for the sandbox to end it: that cannot be caught.
 */
export const scriptPrelude = `((host, given) => {
  const { argv, env, stdin } = JSON.parse(given);
  const { stringify } = JSON;
  const never = () => { for (;;); };
  const write = (stream, text) => { if (!host.write(stream, stringify(text))) never(); };
  const show = (value) => {
    if (typeof value === 'string') return value;
    if (value instanceof Error) return value.name + ': ' + value.message;
    if (typeof value !== 'object' || value === null) return String(value);
    try {
      return stringify(value) ?? String(value);
    } catch {
      return '[' + typeof value + ']';
    }
  };
  const lineTo = (stream) => (...values) => {
    let line = '';
    for (let index = 0; index < values.length; index += 1) {
      line += (index === 0 ? '' : ' ') + show(values[index]);
    }
    write(stream, line + '\\n');
  };
  const out = lineTo(1);
  const err = lineTo(2);
  const streamOf = (fd) => ({ fd, write: (text) => { write(fd, String(text)); return true; } });
  const codeOf = (code) => {
    const number = Number(code ?? 0);
    return Number.isInteger(number) ? number & 255 : 1;
  };
  const process = {
    argv: ['node', 'script.js', ...argv],
    env,
    stdin: { fd: 0 },
    stdout: streamOf(1),
    stderr: streamOf(2),
    exitCode: undefined,
    exit: (code) => { host.exit(codeOf(code ?? process.exitCode)); never(); },
  };
  globalThis.process = process;
  globalThis.console = { log: out, info: out, debug: out, error: err, warn: err, trace: err };
  return () => codeOf(process.exitCode);
})`;

/** The module that scripts read their input with, as they would on Node. */
export function inputModule(stdin: string): string {
  return `const stdin = ${JSON.stringify(stdin)};
const readFileSync = (file) => {
  if (file === 0 || file === '/dev/stdin') return stdin;
  throw new Error('a script can read its standard input, and no file');
};
const fs = { readFileSync };
export { readFileSync, fs as default };`;
}
