import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';
import { expect, it, onTestFinished } from 'vitest';
import { createSectionWord, forbidSections, runUninterrupted } from './uninterrupted.ts';

const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Program of a thread that makes one zlib stream after another, and does nothing else. */
const threadProgram = `
import { parentPort } from 'node:worker_threads';
import { createGunzip, deflateRawSync } from ${JSON.stringify(pathOf('../zlib-streams.ts'))};
parentPort.on('message', () => {
  for (let n = 0; ; n += 1) n % 8 === 0 ? deflateRawSync(Buffer.from('text')) : createGunzip();
});
parentPort.postMessage('ready');
`;

/** Program that starts such threads, and has each ended by the time limit of its call. */
const program = (thread: string) => `
import { createThread } from ${JSON.stringify(new URL('./thread.ts', import.meta.url).href)};
const file = new URL(${JSON.stringify(pathToFileURL(thread).href)});
async function endThreads(first) {
  for (let n = first; n < 200; n += 2) {
    const thread = createThread({ file, timeoutMs: 1 + (n % 5), maxHeapMib: 64 });
    await thread.call('go').catch((error) => console.log(error.name));
  }
}
await Promise.all([endThreads(0), endThreads(1)]);
`;

it('a process survives the ends of 200 threads that make zlib streams all the time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'uninterrupted-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'thread.ts'), threadProgram);
  await build({
    configFile: false,
    root: folder,
    logLevel: 'error',
    build: {
      ssr: true,
      outDir: join(folder, 'out'),
      rolldownOptions: { input: join(folder, 'thread.ts'), output: { entryFileNames: 'thread.mjs' } },
    },
  });
  await writeFile(join(folder, 'program.mjs'), program(join(folder, 'out/thread.mjs')));
  const command = ['--import', import.meta.resolve('tsx'), join(folder, 'program.mjs')];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    output.stdout += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    output.stderr += String(chunk);
  });
  const end = await once(child, 'close');
  expect({ end, stderr: output.stderr }).toEqual({ end: [0, null], stderr: '' });
  expect(output.stdout.split('\n').filter((line) => line === 'ThreadExceeded')).toHaveLength(200);
}, 120_000);

it('work runs at once where nobody can end the thread, and a thread outside of a section is ended at once', () => {
  expect(runUninterrupted(() => runUninterrupted(() => 'done'))).toBe('done');
  expect(forbidSections(createSectionWord())).toBe(false);
});
