const lengthMax = 300;
const plainError = /^(?:Uncaught )?(?:\w*Error\b|.*\b(?:FATAL|PANIC|ERROR):)/;

interface LogRecord {
  readonly level?: unknown;
  readonly msg?: unknown;
  readonly err?: { readonly message?: unknown };
}

/** Why a program ended, as far as the last lines that it wrote tell; on one line. */
export function causeIn(lines: readonly string[]): string | undefined {
  const found = lines.map(faultOf).findLast((fault) => fault !== undefined);
  const cause = found ?? lines.findLast((line) => line.trim() !== '');
  return cause
    ?.trim()
    .replace(/\s*\n\s*/g, ' ')
    .slice(0, lengthMax);
}

function faultOf(line: string): string | undefined {
  if (!line.startsWith('{"')) return plainError.test(line) ? line : undefined;
  const { level, msg, err } = parse(line);
  if (level !== 'error' && level !== 'fatal') return undefined;
  return typeof err?.message === 'string' ? err.message : typeof msg === 'string' ? msg : undefined;
}

function parse(line: string): LogRecord {
  try {
    return JSON.parse(line) as LogRecord;
  } catch {
    return {}; // Cut off by the end of the process.
  }
}
