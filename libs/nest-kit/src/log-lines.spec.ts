import { describe, expect, it, jest } from '@jest/globals';
import { LogLines } from './log-lines.js';

describe('lines of the log', () => {
  const recorded = () => {
    const pieces: string[] = [];
    const flushSync = jest.fn();
    return {
      pieces,
      flushSync,
      lines: new LogLines({ write: (text) => pieces.push(text), flushSync }),
    };
  };

  it('of one moment go out in one piece, by themselves', () => {
    jest.useFakeTimers();
    try {
      const { lines, pieces } = recorded();
      lines.write('a\n');
      lines.write('b\n');
      expect(pieces).toEqual([]);
      jest.runAllTimers();
      expect(pieces).toEqual(['a\nb\n']);
      lines.write('c\n');
      jest.runAllTimers();
      expect(pieces).toEqual(['a\nb\n', 'c\n']);
    } finally {
      jest.useRealTimers();
    }
  });

  it('do not pile up', () => {
    const { lines, pieces } = recorded();
    const line = `${'x'.repeat(40_000)}\n`;
    lines.write(line);
    lines.write(line);
    expect(pieces).toEqual([line + line]);
  });

  it('are out before the process ends', () => {
    const { lines, pieces, flushSync } = recorded();
    lines.write('last words\n');
    lines.flushSync();
    expect(pieces).toEqual(['last words\n']);
    expect(flushSync).toHaveBeenCalledTimes(1);
  });
});
