// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/** Text from elsewhere on one line: it must neither break tables nor steer the terminal. */
export function oneLine(text: string): string {
  return text.replace(controls, ' ').trim();
}

/** The same, line by line. */
export function safeText(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replace(controls, (run) => (/^\t+$/.test(run) ? run : ' ')))
    .join('\n');
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

export function widthOf(text: string): number {
  return Array.from(graphemes.segment(text)).length;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** RFC 3339 to the second. */
export function timeText(time: string | undefined): string {
  return time === undefined ? '' : time.replace(/\.\d+Z$/, 'Z');
}

export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}
