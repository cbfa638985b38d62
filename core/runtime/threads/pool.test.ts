import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createThreadPool, type ThreadPool } from './pool.ts';
import { ThreadExceeded } from './thread.ts';

const program = `
import { parentPort } from 'node:worker_threads';
parentPort.on('message', (work) => {
  if (work === 'hang') for (;;) {}
  parentPort.postMessage(work);
});
parentPort.postMessage('ready');
`;
const limits = { waiting: 'calls', maxPerSpace: 3, maxTotal: 4 };
let folder: string;
let pool: ThreadPool<string, string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pool-'));
  const file = pathToFileURL(join(folder, 'program.mjs'));
  await writeFile(file, program);
  pool = createThreadPool({ file, timeoutMs: 1_000, maxHeapMib: 32, threads: 1, limits });
});
afterAll(async () => {
  await pool.close();
  await rm(folder, { recursive: true });
});

describe('a pool of threads', () => {
  it('serves the owners of calls in turn', async () => {
    const order: string[] = [];
    const call = (owner: string, work: string) =>
      pool.call(owner, () => {
        order.push(work);
        return work;
      });
    const calls = [call('a', 'a1'), call('a', 'a2'), call('a', 'a3'), call('b', 'b1')];
    expect(await Promise.all(calls)).toEqual(['a1', 'a2', 'a3', 'b1']);
    expect(order).toEqual(['a1', 'a2', 'b1', 'a3']);
  });

  it('refuses calls over the limits of a pool of threads', async () => {
    const owners = ['a', 'a', 'a', 'a', 'a', 'b', 'c'];
    const calls = owners.map((owner, index) => pool.call(owner, () => `${index}`));
    calls.push(pool.call('a', () => 'of a job', false));
    const outcomes = await Promise.allSettled(calls);
    // A single call runs; three of `a` and four in all wait.
    const kept = [true, true, true, true, false, true, false, true];
    expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual(kept);
    expect(outcomes[4]).toMatchObject({
      reason: { code: 'service.busy', message: expect.stringMatching(/^Space a /) },
    });
    expect(outcomes[6]).toMatchObject({
      reason: { code: 'service.busy', message: expect.stringMatching(/^The registry /) },
    });
  });

  it('starts a new thread after a call that exceeded its time', async () => {
    const hanging = pool.call('a', () => 'hang');
    const next = pool.call('b', () => 'fine');
    await expect(hanging).rejects.toBeInstanceOf(ThreadExceeded);
    expect(await next).toBe('fine');
  });
});
