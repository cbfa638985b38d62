import { describe, expect, it } from 'vitest';
import { createSharedMemory } from './shared-memory.ts';

const bytes = (length: number, value = 1) => new Uint8Array(length).fill(value);

describe('shared memory', () => {
  it('lends memory with the bytes and no earlier ones', () => {
    const shared = createSharedMemory(1);
    shared.release(shared.lend(bytes(1_000, 7)));
    expect([...shared.lend(bytes(3, 2))]).toEqual([2, 2, 2]);
    expect(shared.lend(bytes(0))).toHaveLength(0);
  });

  it('lends memory to one caller until it is released, and reuses it then', () => {
    const shared = createSharedMemory(2);
    const first = shared.lend(bytes(10));
    const other = shared.lend(bytes(10));
    expect(other.buffer).not.toBe(first.buffer);
    shared.release(first);
    expect(shared.lend(bytes(10)).buffer).toBe(first.buffer);
  });

  it('lends the smallest buffer that fits', () => {
    const shared = createSharedMemory(2);
    const large = shared.lend(bytes(300_000));
    const small = shared.lend(bytes(100_000));
    shared.release(small);
    shared.release(large);
    expect(shared.lend(bytes(90_000)).buffer).toBe(small.buffer);
    expect(shared.lend(bytes(90_000)).buffer).toBe(large.buffer);
    expect(shared.lend(bytes(150_000)).buffer.byteLength).toBeGreaterThanOrEqual(150_000);
  });

  it('keeps at most so many free buffers, the largest ones', () => {
    const shared = createSharedMemory(1);
    const small = shared.lend(bytes(10));
    const large = shared.lend(bytes(500_000));
    shared.release(large);
    shared.release(small);
    expect(shared.lend(bytes(10)).buffer).toBe(large.buffer);
    expect(shared.lend(bytes(10)).buffer).not.toBe(small.buffer);
  });
});
