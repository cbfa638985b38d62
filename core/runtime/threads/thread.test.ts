import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createThread, type Thread, ThreadExceeded } from './thread.ts';

const program = `
import { parentPort } from 'node:worker_threads';
let calls = 0;
// A loop that calls no function cannot be ended in Node 24 when it is out of memory.
const grow = (all) => all.push(Array.from({ length: 1000 }, () => ({ calls })));
parentPort.on('message', ({ work }) => {
  calls += 1;
  if (work === 'hang') /^(a+)+$/.test('a'.repeat(60) + '!');
  if (work === 'grow') for (const all = []; ; ) grow(all);
  if (work === 'throw') throw new Error('broken');
  parentPort.postMessage(calls);
});
parentPort.postMessage('ready');
`;
let folder: string;
let start: () => Thread<{ work: string }, number>;
let thread: Thread<{ work: string }, number>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'thread-'));
  const file = join(folder, 'program.mjs');
  await writeFile(file, program);
  start = () => createThread({ file: pathToFileURL(file), timeoutMs: 1_000, maxHeapMib: 32 });
  thread = start();
});
afterAll(async () => {
  await thread.close();
  await rm(folder, { recursive: true });
});

describe('a thread', () => {
  it('runs the calls of a thread one after another', async () => {
    expect(await Promise.all(['a', 'b', 'c'].map((work) => thread.call({ work })))).toEqual([1, 2, 3]);
  });

  it.each(['hang', 'grow'])(
    'a thread is ended when a call would %s, and the next call has a new one',
    async (work) => {
      let ticks = 0;
      const ticking = setInterval(() => {
        ticks += 1;
      }, 10);
      const [cut, next] = await Promise.allSettled([thread.call({ work }), thread.call({ work: 'fine' })]);
      clearInterval(ticking);
      expect(cut).toMatchObject({ status: 'rejected', reason: expect.any(ThreadExceeded) });
      expect(next).toEqual({ status: 'fulfilled', value: 1 });
      // The event loop was not blocked.
      expect(ticks).toBeGreaterThan(1);
    },
  );

  it('starts before its first call when it is warmed, and runs that call in the same thread', async () => {
    const file = join(folder, 'noted.mjs');
    const note = JSON.stringify(join(folder, 'started-'));
    await writeFile(file, `import { mkdtempSync } from 'node:fs';\nmkdtempSync(${note});\n${program}`);
    const warmed = createThread<{ work: string }, number>({
      file: pathToFileURL(file),
      timeoutMs: 1_000,
      maxHeapMib: 32,
    });
    onTestFinished(() => warmed.close());
    const starts = async () => (await readdir(folder)).filter((name) => name.startsWith('started-'));
    warmed.warm();
    await expect.poll(starts, { timeout: 10_000 }).toHaveLength(1);
    expect(await warmed.call({ work: 'fine' })).toBe(1);
    expect(await starts()).toHaveLength(1);
  });

  it('leaves a start that fails while it is warmed to the first call', async () => {
    const missing = createThread({
      file: pathToFileURL(join(folder, 'none.mjs')),
      timeoutMs: 1_000,
      maxHeapMib: 32,
    });
    missing.warm();
    await expect(missing.call({})).rejects.toThrow('none.mjs');
  });

  it('passes on errors of the program of a thread', async () => {
    await expect(thread.call({ work: 'throw' })).rejects.toThrow('broken');
    expect(await thread.call({ work: 'fine' })).toBe(1);
  });

  it('ends a closed thread, also while it starts', async () => {
    const starting = start();
    const calls = ['first', 'next'].map((work) => starting.call({ work }));
    const outcomes = Promise.allSettled(calls);
    await starting.close();
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
