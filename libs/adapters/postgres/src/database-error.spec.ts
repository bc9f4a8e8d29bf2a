import { describe, expect, it } from '@jest/globals';
import { AppError } from '@parley/kernel';
import { databaseError, isConnectionLoss, sqlState } from './index.js';

const withCode = (code: string, message = 'from the server') =>
  Object.assign(new Error(message), { code });

describe('databaseError', () => {
  it.each([
    ['23505', 'conflict'],
    ['23503', 'conflict'],
    ['40001', 'unavailable'],
    ['40P01', 'unavailable'],
    ['42501', 'forbidden'],
    ['57014', 'timeout'],
    ['22P02', 'invalid'],
    ['22P05', 'invalid'],
    ['22003', 'invalid'],
    ['54000', 'too-large'],
    ['53100', 'unavailable'],
    ['57P01', 'unavailable'],
    ['08006', 'unavailable'],
    ['42703', 'internal'],
    ['ECONNREFUSED', 'unavailable'],
    ['P2002', 'conflict'],
    ['P2025', 'not-found'],
    ['P1001', 'unavailable'],
  ])('maps %s to %s', (code, expected) => {
    expect(databaseError(withCode(code))).toMatchObject({ code: expected });
  });

  it('keeps the cause and passes everything else', () => {
    const cause = withCode('23505');
    const mapped = databaseError(cause);
    expect(mapped).toMatchObject({ cause });
    expect(sqlState(mapped)).toBe('23505');
    expect(databaseError(mapped)).toBe(mapped);
    const other = new TypeError('a bug');
    expect(databaseError(other)).toBe(other);
    expect(databaseError('text')).toBe('text');
  });

  it('finds what the driver said inside an error of Prisma', () => {
    const meta = { driverAdapterError: { cause: { originalCode: '42501' } } };
    const wrapped = Object.assign(withCode('P2039'), { meta });
    expect(sqlState(wrapped)).toBe('42501');
    expect(databaseError(wrapped)).toMatchObject({ code: 'forbidden' });
  });

  it.each([
    ['57P01', { originalCode: '57P01', originalMessage: 'terminating', kind: 'postgres' }],
    ['40001', { originalCode: '40001', kind: 'TransactionWriteConflict' }],
    ['a lost socket', { kind: 'ConnectionClosed' }],
  ])('finds %s also where a transaction ends, in an error that is wrapped once', (_what, cause) => {
    const ended = Object.assign(new Error('x'), { name: 'DriverAdapterError', cause });
    expect(databaseError(ended)).toMatchObject({ code: 'unavailable' });
  });

  it('knows a lost connection by its message and inside other errors', () => {
    expect(isConnectionLoss(new Error('Connection terminated unexpectedly'))).toBe(true);
    expect(isConnectionLoss(new AggregateError([withCode('ECONNREFUSED')]))).toBe(true);
    expect(isConnectionLoss(new AppError('x', 'y', { cause: withCode('57P02') }))).toBe(true);
    expect(isConnectionLoss(withCode('23505'))).toBe(false);
  });
});
