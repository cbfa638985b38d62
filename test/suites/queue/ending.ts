import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { GivenBack } from '../../../core/queue/port.ts';
import { createGate, newIds, type QueueTools, quick } from './setup.ts';

const childScript = fileURLToPath(new URL('../../support/queue-child.ts', import.meta.url));

/** What becomes of what a worker has in hand when it ends. */
export function testEnding(use: QueueTools): void {
  it('waits on close for what is in hand, and takes no more', async () => {
    const [first = '', second = ''] = newIds(2);
    const gate = createGate();
    const done: string[] = [];
    await use.queue.enqueue('orchestrations', [first]);
    const consumer = await use.consume(async ({ id, signal }) => {
      await gate.pass();
      done.push(`${id} ${signal.aborted}`);
    }, 1);
    await gate.reached;
    let closed = false;
    const closing = consumer.close().then(() => {
      closed = true;
    });
    await use.queue.enqueue('orchestrations', [second]);
    expect(closed).toBe(false);
    gate.open();
    await closing;
    expect(done).toEqual([`${first} false`]);
    await use.consume(async ({ id }) => void done.push(id));
    await expect.poll(() => done).toEqual([`${first} false`, second]);
  });

  it('aborts what is in hand when the deadline passes, and gives it out again', async () => {
    const [id = ''] = newIds(1);
    const gate = createGate();
    await use.queue.enqueue('orchestrations', [id]);
    const consumer = await use.consume(async ({ signal }) => {
      const aborted = once(signal, 'abort');
      await Promise.race([gate.pass(), aborted]);
      signal.throwIfAborted();
    });
    await gate.reached;
    const deadline = new AbortController();
    const closing = consumer.close(deadline.signal);
    deadline.abort(new Error('shutting down'));
    await closing;
    const arrived: number[] = [];
    await use.consume(async ({ attempt }) => void arrived.push(attempt));
    await expect.poll(() => arrived).toEqual([2]);
  });

  it('gives out at once what is given back at the deadline, and counts no attempt', async () => {
    const [id = ''] = newIds(1);
    const gate = createGate();
    const arrived: string[] = [];
    await use.queue.enqueue('orchestrations', [id]);
    const consumer = await use.consume(async ({ signal }) => {
      await Promise.race([gate.pass(), once(signal, 'abort')]);
      throw new GivenBack();
    });
    await gate.reached;
    // Another worker that waits already, as in another process.
    const other = use.open();
    await other.consume('orchestrations', 1, async ({ attempt, ...arrival }) => {
      arrived.push(`${arrival.id} ${attempt}`);
    });
    const begun = performance.now();
    await consumer.close(AbortSignal.abort());
    await expect.poll(() => arrived).toEqual([`${id} 1`]);
    // The worker's lock would have held it for longer.
    expect(performance.now() - begun).toBeLessThan(quick.timings.lockDuration);
    await other.close();
  });

  it('gives out again what a worker had that was killed, however long its handler takes', async () => {
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
