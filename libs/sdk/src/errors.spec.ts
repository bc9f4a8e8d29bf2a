import { describe, expect, it } from '@jest/globals';
import { untold } from './errors.js';

function left(detail: string, errors: { pointer?: string; message: string }[]) {
  return untold({ type: 'about:blank', title: 'x', status: 422, code: 'invalid', detail, errors });
}

describe('the faults of a problem', () => {
  const message = 'is too long';

  it.each([
    ['It is too long (at /a/b).', '/a/b'],
    ['The name is too long.', '/name'],
    ['It is too long.', ''],
  ])('are left out when the detail tells them: %s', (detail, pointer) => {
    expect(left(detail, [{ pointer, message: `${message}.` }])).toEqual([]);
  });

  it('keep their place when the detail has only the words', () => {
    expect(left('It is too long.', [{ pointer: '/a/b', message }])).toEqual([{ pointer: '/a/b' }]);
  });

  it('are kept when the detail tells another one', () => {
    const errors = [
      { pointer: '/a', message },
      { pointer: '/b', message },
    ];
    expect(left('It is too long (at /a), and 1 more.', errors).slice(-1)).toEqual([errors[1]]);
    expect(left('The content does not fit.', errors)).toEqual(errors);
  });
});
