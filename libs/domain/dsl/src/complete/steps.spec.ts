import { describe, expect, it } from '@jest/globals';
import { placeOf, stepAt } from './steps.js';

const source = `do:
  - a:
      try:
        - b/c:
            call: http
            with: { method: get,
      catch: {}
  - d:
      fork:
        branches:
          - e: { wait: PT1S }
`;

describe('stepAt', () => {
  it.each([
    ['document', undefined],
    ['- a', 'do/a'],
    ['http', 'do/a/try/b~1c'],
    ['get', 'do/a/try/b~1c'],
    ['catch', 'do/a'],
    ['branches', 'do/d'],
    ['PT1S', 'do/d/fork/branches/e'],
  ])('at %s it is %s', (text, path) => {
    const text_ = text === 'document' ? `document: {}\n${source}` : source;
    const step = stepAt(text_, text_.indexOf(text) + text.length);
    expect(step?.path).toBe(path);
    if (step !== undefined) {
      expect(source.slice(step.from, step.to)).toBe(step.name);
      expect(placeOf(source, step.pointer)).toEqual({ start: step.from, end: step.to });
    }
  });
});
