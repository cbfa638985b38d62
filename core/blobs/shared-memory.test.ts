import { describe, expect, it } from 'vitest';
import { createSharedMemory } from './shared-memory.ts';

const bytes = (length: number, value = 1) => new Uint8Array(length).fill(value);

describe('memory that is lent', () => {
  it('holds the bytes and no others, whatever was in it before', () => {
    const shared = createSharedMemory(1);
    shared.release(shared.lend(bytes(1_000, 7)));
    expect([...shared.lend(bytes(3, 2))]).toEqual([2, 2, 2]);
    expect(shared.lend(bytes(0))).toHaveLength(0);
  });

  it('belongs to nobody else until it is given back, and is used again then', () => {
    const shared = createSharedMemory(2);
    const one = shared.lend(bytes(10));
    const other = shared.lend(bytes(10));
    expect(other.buffer).not.toBe(one.buffer);
    shared.release(one);
    expect(shared.lend(bytes(10)).buffer).toBe(one.buffer);
  });

  it('is the smallest piece that fits', () => {
    const shared = createSharedMemory(2);
    const large = shared.lend(bytes(300_000));
    const small = shared.lend(bytes(100_000));
    shared.release(small);
    shared.release(large);
    expect(shared.lend(bytes(90_000)).buffer).toBe(small.buffer);
    expect(shared.lend(bytes(90_000)).buffer).toBe(large.buffer);
    expect(shared.lend(bytes(150_000)).buffer.byteLength).toBeGreaterThanOrEqual(150_000);
  });

  it('is kept in so many pieces at the most, the largest of all', () => {
    const shared = createSharedMemory(1);
    const small = shared.lend(bytes(10));
    const large = shared.lend(bytes(500_000));
    shared.release(large);
    shared.release(small);
    expect(shared.lend(bytes(10)).buffer).toBe(large.buffer);
    expect(shared.lend(bytes(10)).buffer).not.toBe(small.buffer);
  });
});
