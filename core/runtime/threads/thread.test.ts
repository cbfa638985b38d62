import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createLogTo } from '../log.ts';
import { createShutdownHooks } from '../shutdown-hooks.ts';
import { countStuckThreads, watchStuckThreads } from './stuck-threads.ts';
import { createThread, type Thread, ThreadExceeded } from './thread.ts';

const program = `
import { openSync, writeFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
let calls = 0;
// A loop that calls no function cannot be ended in Node 24 when it is out of memory.
const grow = (all) => all.push(Array.from({ length: 1000 }, () => ({ calls })));
parentPort.on('message', ({ work }) => {
  calls += 1;
  if (work === 'hang') /^(a+)+$/.test('a'.repeat(60) + '!');
  if (work === 'grow') for (const all = []; ; ) grow(all);
  // Nothing ends a thread that waits for the operating system: here for a writer of a named pipe.
  if (work.startsWith('/')) {
    writeFileSync(work + '.waits', '');
    openSync(work);
  }
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

describe('a thread that cannot be ended', () => {
  /** Makes a named pipe, which blocks a thread that opens it. @returns its path, and how to let the thread go on */
  function makePipe(name: string) {
    const path = join(folder, name);
    if (spawnSync('mkfifo', [path]).status !== 0) throw new Error('mkfifo has failed');
    const release = async () => (await open(path, 'r+')).close();
    return { path, release };
  }

  it('is replaced, logged and counted until it ends, and three of them are a failure of the process', async () => {
    const lines: { program: string; stuck: number }[] = [];
    const log = createLogTo('error', { write: (line: string) => void lines.push(JSON.parse(line)) });
    const shutdownHooks = createShutdownHooks(log);
    onTestFinished(watchStuckThreads(log, shutdownHooks));
    const pipe = makePipe('pipe');
    const cut = async () => {
      const own = start();
      const outcomes = await Promise.allSettled([pipe.path, 'fine'].map((work) => own.call({ work })));
      await own.close();
      return outcomes;
    };
    const replaced = [
      { status: 'rejected', reason: expect.any(ThreadExceeded) },
      { status: 'fulfilled', value: 1 },
    ];
    expect(await Promise.all([cut(), cut()])).toEqual([replaced, replaced]);
    // A thread that is closed during such a call is waited for no longer.
    const other = makePipe('other');
    const closed = start();
    const call = closed.call({ work: other.path }).catch((error: unknown) => error);
    await expect.poll(() => readdir(folder), { timeout: 10_000 }).toContain('other.waits');
    await closed.close();
    expect(await call).toBeInstanceOf(ThreadExceeded);
    expect(await shutdownHooks.failed).toBe('3 threads could not be ended');
    expect(lines.map(({ program, stuck }) => [program, stuck])).toEqual([
      ['program.mjs', 1],
      ['program.mjs', 2],
      ['program.mjs', 3],
    ]);
    await Promise.all([pipe.release(), other.release()]);
    await expect.poll(countStuckThreads, { timeout: 10_000 }).toBe(0);
  }, 60_000);

  it('does not keep its process from its exit, and the log is written', async () => {
    const pipe = makePipe('exit');
    const urlOf = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
    const file = join(folder, 'exiting.mjs');
    await writeFile(
      file,
      `import { createLog } from ${urlOf('../log.ts')};
       import { createThread } from ${urlOf('./thread.ts')};
       import { watchStuckThreads } from ${urlOf('./stuck-threads.ts')};
       const log = createLog('info');
       watchStuckThreads(log, { fail: () => undefined });
       const program = new URL(${JSON.stringify(pathToFileURL(join(folder, 'program.mjs')).href)});
       const thread = createThread({ file: program, timeoutMs: 100, maxHeapMib: 32 });
       await thread.call({ work: ${JSON.stringify(pipe.path)} }).catch(() => undefined);
       log.info('last line');
       process.exit(1);`,
    );
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const output: string[] = [];
    child.stdout.on('data', (chunk) => output.push(String(chunk)));
    const [, signal] = await once(child, 'close');
    expect(signal).toBe('SIGKILL');
    expect(output.join('')).toMatch(/a thread could not be ended.*last line.*ending by SIGKILL/s);
  }, 60_000);
});
