import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { ReleasedError } from '../../../core/queue/port.ts';
import { createLatch, newIds, type QueueTools, quick } from './setup.ts';

const childScript = fileURLToPath(new URL('../../support/queue-child.ts', import.meta.url));

/** Tests that a consumer which closes or dies loses no id. */
export function testClosing(use: QueueTools): void {
  it('the queue waits on close for running handlers, and starts no more', async () => {
    const [first = '', second = ''] = newIds(2);
    const latch = createLatch();
    const done: string[] = [];
    await use.queue.enqueue('orchestrations', [first]);
    const consumer = await use.consume(async ({ id, signal }) => {
      await latch.wait();
      done.push(`${id} ${signal.aborted}`);
    }, 1);
    await latch.reached;
    let closed = false;
    const closing = consumer.close().then(() => {
      closed = true;
    });
    await use.queue.enqueue('orchestrations', [second]);
    expect(closed).toBe(false);
    latch.open();
    await closing;
    expect(done).toEqual([`${first} false`]);
    await use.consume(async ({ id }) => void done.push(id));
    await expect.poll(() => done).toEqual([`${first} false`, second]);
  });

  it('the queue aborts running handlers at the deadline of a close, and delivers their ids again', async () => {
    const [id = ''] = newIds(1);
    const latch = createLatch();
    await use.queue.enqueue('orchestrations', [id]);
    const consumer = await use.consume(async ({ signal }) => {
      const aborted = once(signal, 'abort');
      await Promise.race([latch.wait(), aborted]);
      signal.throwIfAborted();
    });
    await latch.reached;
    const deadline = new AbortController();
    const closing = consumer.close(deadline.signal);
    deadline.abort(new Error('shutting down'));
    await closing;
    const arrived: number[] = [];
    await use.consume(async ({ attempt }) => void arrived.push(attempt));
    await expect.poll(() => arrived).toEqual([2]);
  });

  it('the queue delivers a released id again immediately, and counts no attempt', async () => {
    const [id = ''] = newIds(1);
    const latch = createLatch();
    const arrived: string[] = [];
    await use.queue.enqueue('orchestrations', [id]);
    // An id that is not released would wait for the lock of the worker to expire.
    const timings = { ...quick.timings, lockDuration: 600_000 };
    const holder = use.under.open(use.under.url, { ...quick, timings, onError: () => undefined });
    onTestFinished(() => holder.close());
    const consumer = await holder.consume('orchestrations', 1, async ({ signal }) => {
      await Promise.race([latch.wait(), once(signal, 'abort')]);
      throw new ReleasedError();
    });
    await latch.reached;
    // Another worker waits already, as in another process.
    const other = use.open();
    onTestFinished(() => other.close());
    await other.consume('orchestrations', 1, async ({ attempt, ...arrival }) => {
      arrived.push(`${arrival.id} ${attempt}`);
    });
    await consumer.close(AbortSignal.abort());
    await expect.poll(() => arrived).toEqual([`${id} 1`]);
  });

  it('the queue delivers the id of a killed worker again, however long its handler takes', async () => {
    const [id = ''] = newIds(1);
    const child = spawn(process.execPath, ['--import', 'tsx', childScript, use.under.kind, use.under.url], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    use.children.push(child);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    await use.queue.enqueue('orchestrations', [id]);
    expect((await lines.next()).value).toBe(`${id} 1`);
    const arrived: string[] = [];
    await use.consume(async (arrival) => void arrived.push(`${arrival.id} ${arrival.attempt}`));
    child.kill('SIGKILL');
    await expect.poll(() => arrived, { timeout: 20_000 }).toEqual([`${id} 1`]);
  });
}
