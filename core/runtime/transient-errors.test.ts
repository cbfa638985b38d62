import { describe, expect, it } from 'vitest';
import { createTestDatabase } from '../../test/support/postgres.ts';
import { S3Fault } from '../blobs/s3/fault.ts';
import { adviseOperator, isPassing } from './transient-errors.ts';

const coded = (code: string) => Object.assign(new Error('failed'), { code });

describe('what passes', () => {
  it('is a part that cannot be reached, is busy, or is starting', () => {
    for (const code of [
      'ECONNREFUSED',
      'ECONNRESET',
      'ETIMEDOUT',
      'UND_ERR_HEADERS_TIMEOUT',
      '57P01',
      '08006',
      'ENOSPC',
    ]) {
      expect(isPassing(coded(code)), code).toBe(true);
    }
    for (const [code, status] of [
      ['SlowDown', 503],
      ['InternalError', 500],
      ['XMinioServerNotInitialized', 503],
      ['XMinioStorageFull', 507],
    ] as const) {
      expect(isPassing(new S3Fault(code, status, 'no')), code).toBe(true);
    }
  });

  it('is a connection that is found lost in the middle of a transaction', async () => {
    const { db, drop } = await createTestDatabase();
    const lost = db.transaction(async (tx) => {
      const [own] = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      // Waits until it is gone: the transaction has heard of it before it asks for anything more.
      await db.query('SELECT pg_terminate_backend($1, 5000)', [own?.pid]);
      await tx.query('SELECT 1');
    });
    await expect(lost).rejects.toSatisfy(isPassing);
    await drop();
  });

  it('is a store that waits for its operator, who is told what to do', () => {
    for (const code of ['EMFILE', 'ENFILE', 'EROFS', 'EACCES', 'STORE_GONE']) {
      expect(isPassing(coded(code)), code).toBe(true);
      expect(adviseOperator(coded(code)), code).toMatch(/^[a-z].*: /);
    }
    for (const [code, status] of [
      ['AccessDenied', 403],
      ['NoSuchBucket', 404],
    ] as const) {
      expect(isPassing(new S3Fault(code, status, 'no')), code).toBe(true);
      expect(adviseOperator(new S3Fault(code, status, 'no')), code).toContain('S3_');
    }
    expect(adviseOperator(coded('ECONNREFUSED'))).toBeUndefined();
  });

  it('is not what stays until somebody changes something', () => {
    expect(isPassing(new S3Fault('HTTP 200', 200, 'no'))).toBe(false);
    expect(isPassing(new S3Fault('NoSuchKey', 404, 'no'))).toBe(false);
    for (const code of ['ENOENT', 'EISDIR', '23505', '42P01'])
      expect(isPassing(coded(code)), code).toBe(false);
    expect(isPassing(new Error('failed'))).toBe(false);
    expect(isPassing(undefined)).toBe(false);
  });
});
