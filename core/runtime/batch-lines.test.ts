import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { batchLines } from './batch-lines.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Creates a batcher with what it has written, and the listeners that it has on the exit of the process. */
function start() {
  const before = process.listeners('exit');
  const written: string[] = [];
  const flushSync = vi.fn();
  const lines = batchLines({ write: (text) => void written.push(text), flushSync });
  const ownListeners = () => process.listeners('exit').filter((listener) => !before.includes(listener));
  return { lines, written, flushSync, ownListeners };
}

it('lines that come together are one write, in their order', () => {
  const { lines, written, ownListeners } = start();
  for (const line of ['a\n', 'b\n', 'c\n']) lines.write(line);
  expect(written).toEqual([]);
  vi.advanceTimersByTime(10);
  expect(written).toEqual(['a\nb\nc\n']);
  expect(ownListeners()).toEqual([]);
  lines.write('d\n');
  vi.advanceTimersByTime(10);
  expect(written).toEqual(['a\nb\nc\n', 'd\n']);
});

it('many lines are written without waiting', () => {
  const { lines, written, ownListeners } = start();
  const line = `${'x'.repeat(1_000)}\n`;
  for (let count = 0; count < 20; count += 1) lines.write(line);
  expect(written).toHaveLength(1);
  vi.advanceTimersByTime(10);
  expect(written.join('')).toBe(line.repeat(20));
  expect(ownListeners()).toEqual([]);
});

it('lines that wait are written when the process exits, and before a flush', () => {
  const { lines, written, flushSync, ownListeners } = start();
  lines.write('a\n');
  const [onExit] = ownListeners();
  onExit?.(0);
  expect(written).toEqual(['a\n']);
  expect(flushSync).toHaveBeenCalledTimes(1);
  lines.write('b\n');
  lines.flushSync();
  expect(written).toEqual(['a\n', 'b\n']);
  expect(flushSync).toHaveBeenCalledTimes(2);
  expect(ownListeners()).toEqual([]);
});
