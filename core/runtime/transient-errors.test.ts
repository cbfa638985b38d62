import { describe, expect, it } from 'vitest';
import { createTestDatabase } from '../../test/support/postgres.ts';
import { S3Fault } from '../blobs/s3/fault.ts';
import { findOperatorAdvice, isTransientError } from './transient-errors.ts';

const coded = (code: string) => Object.assign(new Error('failed'), { code });

describe('transient errors', () => {
  it('counts unreachable, busy and starting parts as transient', () => {
    for (const code of [
      'ECONNREFUSED',
      'ECONNRESET',
      'ETIMEDOUT',
      'UND_ERR_HEADERS_TIMEOUT',
      '57P01',
      '08006',
      'ENOSPC',
    ]) {
      expect(isTransientError(coded(code)), code).toBe(true);
    }
    for (const [code, status] of [
      ['SlowDown', 503],
      ['InternalError', 500],
      ['XMinioServerNotInitialized', 503],
      ['XMinioStorageFull', 507],
    ] as const) {
      expect(isTransientError(new S3Fault(code, status, 'no')), code).toBe(true);
    }
  });

  it('counts a connection lost during a transaction as transient', async () => {
    const { db, drop } = await createTestDatabase();
    const lost = db.transaction(async (tx) => {
      const [own] = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      // Waits until the connection is gone: the transaction notices before its next statement.
      await db.query('SELECT pg_terminate_backend($1, 5000)', [own?.pid]);
      await tx.query('SELECT 1');
    });
    await expect(lost).rejects.toSatisfy(isTransientError);
    await drop();
  });

  it('counts a store that needs its operator as transient, with advice', () => {
    for (const code of ['EMFILE', 'ENFILE', 'EROFS', 'EACCES', 'STORE_GONE']) {
      expect(isTransientError(coded(code)), code).toBe(true);
      expect(findOperatorAdvice(coded(code)), code).toMatch(/^[a-z].*: /);
    }
    for (const [code, status] of [
      ['AccessDenied', 403],
      ['NoSuchBucket', 404],
    ] as const) {
      expect(isTransientError(new S3Fault(code, status, 'no')), code).toBe(true);
      expect(findOperatorAdvice(new S3Fault(code, status, 'no')), code).toContain('S3_');
    }
    expect(findOperatorAdvice(coded('ECONNREFUSED'))).toBeUndefined();
  });

  it('counts lasting errors as not transient', () => {
    expect(isTransientError(new S3Fault('HTTP 200', 200, 'no'))).toBe(false);
    expect(isTransientError(new S3Fault('NoSuchKey', 404, 'no'))).toBe(false);
    for (const code of ['ENOENT', 'EISDIR', '23505', '42P01'])
      expect(isTransientError(coded(code)), code).toBe(false);
    expect(isTransientError(new Error('failed'))).toBe(false);
    expect(isTransientError(undefined)).toBe(false);
  });
});
