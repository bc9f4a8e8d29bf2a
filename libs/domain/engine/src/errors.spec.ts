import { describe, expect, it } from '@jest/globals';
import { canonicalErrorType, errorMatches, errorTypes, runError } from './errors.js';

describe('errors', () => {
  it.each([
    'https://serverlessworkflow.io/spec/1.0.0/errors/communication',
    'https://serverlessworkflow.io/dsl/errors/types/communication',
    'https://open-workflow-specification.org/spec/1.0.0/errors/communication',
    'https://open-workflow-specification.org/dsl/errors/types/communication',
    'https://open-workflow-specification.org/errors/types/communication',
  ])('%s is one type', (type) => {
    expect(canonicalErrorType(type)).toBe(errorTypes.communication);
  });

  it.each([
    'https://example.com/errors/communication',
    errorTypes.unknownOutcome,
    'https://open-workflow-specification.org/errors/types/compliance',
  ])('%s stays itself', (type) => {
    expect(canonicalErrorType(type)).toBe(type);
  });

  it('matches a filter only when every member does', () => {
    const error = runError('timeout', 'Late', { instance: '/do/0/a' });
    expect(errorMatches(error, {})).toBe(true);
    expect(errorMatches(error, { type: errorTypes.timeout, status: 408 })).toBe(true);
    expect(errorMatches(error, { status: 500 })).toBe(false);
    expect(errorMatches(error, { instance: '/do/0/b' })).toBe(false);
    expect(errorMatches(error, { detail: 'x' })).toBe(false);
  });
});
