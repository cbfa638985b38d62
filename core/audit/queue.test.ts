import { describe, expect, it, vi } from 'vitest';
import { createLog } from '../runtime/log.ts';
import type { AuditRecord } from './event.ts';
import { createAuditQueue } from './queue.ts';

const log = createLog('silent');

/** Makes the record of a refusal. */
function refusal(space: string, more: Partial<AuditRecord> = {}): AuditRecord {
  return {
    action: 'access',
    outcome: 'denied',
    right: 'chart.publish',
    space,
    caller: { kind: 'user', id: '8f0f5c0e-0000-4000-8000-000000000001', name: 'ana' },
    request: { door: 'api', address: '192.0.2.1' },
    ...more,
  };
}

type Row = { action: string; space?: string; times: number; principal?: string };

/** Database that keeps what is inserted, or fails, or waits. */
function fakeDatabase() {
  const rows: Row[] = [];
  const statements: number[] = [];
  let fail = false;
  let gate: Promise<void> = Promise.resolve();
  return {
    rows,
    statements,
    setFailing(failing: boolean) {
      fail = failing;
    },
    hold(until: Promise<void>) {
      gate = until;
    },
    db: {
      async query<T extends object>(_sql: string, params: readonly unknown[] = []): Promise<T[]> {
        await gate;
        if (fail) throw Object.assign(new Error('the database is away'), { code: 'ECONNREFUSED' });
        const inserted: Row[] = JSON.parse(String(params[0]));
        if (inserted.some(({ space }) => space === 'impossible')) throw new Error('this row is refused');
        rows.push(...inserted);
        statements.push(inserted.length);
        return [];
      },
    },
  };
}

describe('the audit queue', () => {
  it('writes events of one moment together, in their order', async () => {
    const { db, rows, statements } = fakeDatabase();
    const queue = createAuditQueue(db, log);
    for (const space of ['a', 'b', 'c']) queue.add(refusal(space));
    await queue.finish();
    expect(rows.map(({ space }) => space)).toEqual(['a', 'b', 'c']);
    expect(statements).toEqual([3]);
    await queue.close();
  });

  it('makes one event with their number of equal refusals, after the first', async () => {
    const { db, rows } = fakeDatabase();
    const queue = createAuditQueue(db, log);
    for (let count = 0; count < 1_000; count += 1) queue.add(refusal('a', { chart: `web-${count}` }));
    queue.add(refusal('b'));
    queue.add(refusal('a', { right: 'chart.delete' }));
    await queue.finish();
    expect(rows.map(({ space, times }) => [space, times])).toEqual([
      ['a', 1],
      ['b', 1],
      ['a', 1],
    ]);
    await queue.close();
    expect(rows.slice(3).map(({ space, times }) => [space, times])).toEqual([['a', 999]]);
  });

  it('reports repeated refusals at the end of each window', async () => {
    vi.useFakeTimers();
    try {
      const { db, rows } = fakeDatabase();
      const queue = createAuditQueue(db, log, { windowMs: 60_000 });
      const refuse = (times: number) => {
        for (let count = 0; count < times; count += 1) queue.add(refusal('a'));
      };
      const numbers = () => rows.map(({ times }) => times);
      refuse(5);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(numbers()).toEqual([1, 4]);
      refuse(2);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(numbers()).toEqual([1, 4, 2]);
      // A window without any ends the counting: the next refusal is written at once.
      await vi.advanceTimersByTimeAsync(60_000);
      refuse(1);
      await queue.finish();
      expect(numbers()).toEqual([1, 4, 2, 1]);
      await queue.close();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('tells callers without a principal apart by their networks', async () => {
    const { db, rows } = fakeDatabase();
    const queue = createAuditQueue(db, log);
    const wrong = (address: string) =>
      refusal('a', { caller: { kind: 'anonymous' }, request: { door: 'api', address } });
    for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.1']) queue.add(wrong(address));
    // A client of IPv6 has a whole network to itself, and would write an event with each of its addresses.
    for (const address of ['2001:db8::1', '2001:db8::2', '2001:db8::3']) queue.add(wrong(address));
    await queue.close();
    expect(rows.map(({ times }) => times)).toEqual([1, 1, 1, 1, 2]);
  });

  it('the audit queue writes every log-in that succeeds', async () => {
    const { db, rows } = fakeDatabase();
    const queue = createAuditQueue(db, log);
    for (let count = 0; count < 3; count += 1) queue.add(refusal('a', { action: 'login', outcome: 'done' }));
    await queue.close();
    expect(rows.map(({ action, times }) => [action, times])).toEqual(Array(3).fill(['login', 1]));
  });

  it('writes the first log-in that a stranger begins, and counts the others', async () => {
    const { db, rows } = fakeDatabase();
    const queue = createAuditQueue(db, log);
    const begun = { action: 'device.request', outcome: 'done', caller: { kind: 'anonymous' } } as const;
    for (let count = 0; count < 3; count += 1) queue.add(refusal('a', begun));
    await queue.close();
    expect(rows.map(({ times }) => times)).toEqual([1, 2]);
  });

  it('keeps events while the database is away, and drops and counts those beyond its bound', async () => {
    vi.useFakeTimers();
    try {
      const { db, rows, setFailing } = fakeDatabase();
      const queue = createAuditQueue(db, log, { maxWaiting: 10, retryMs: 5_000 });
      setFailing(true);
      for (let count = 0; count < 25; count += 1) queue.add(refusal(`space-${count}`));
      await queue.finish();
      setFailing(false);
      await vi.advanceTimersByTimeAsync(5_000);
      await queue.finish();
      expect(rows.slice(0, 10).map(({ space }) => space)).toEqual(
        Array.from({ length: 10 }, (_, count) => `space-${count}`),
      );
      expect(rows.slice(10)).toMatchObject([{ action: 'audit.drop', times: 15 }]);
      await queue.close();
    } finally {
      vi.useRealTimers();
    }
  });

  it('drops an event that cannot be written, and none beside it', async () => {
    const { db, rows } = fakeDatabase();
    const queue = createAuditQueue(db, log);
    for (const space of ['a', 'impossible', 'b']) queue.add(refusal(space));
    await queue.close();
    expect(rows.map(({ action, space }) => space ?? action)).toEqual(['a', 'b', 'audit.drop']);
  });

  it('delays nobody who adds an event while a write hangs', async () => {
    const { db, rows, hold } = fakeDatabase();
    let release = () => {};
    hold(
      new Promise((resolve) => {
        release = resolve;
      }),
    );
    const queue = createAuditQueue(db, log);
    queue.add(refusal('a'));
    const finished = queue.finish();
    queue.add(refusal('b'));
    expect(rows).toEqual([]);
    release();
    await finished;
    await queue.close();
    expect(rows.map(({ space }) => space)).toEqual(['a', 'b']);
  });

  it('ends also when the database is away', async () => {
    const { db, rows, setFailing } = fakeDatabase();
    const queue = createAuditQueue(db, log);
    setFailing(true);
    queue.add(refusal('a'));
    await queue.close();
    expect(rows).toEqual([]);
  });
});
