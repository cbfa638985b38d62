import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { composePinned } from './pinned.fixture.ts';

const run = promisify(execFile);

describe('the bytes of a composed chart', () => {
  it('unpacked are the same everywhere and for ever', async () => {
    expect((await composePinned()).map(({ unpacked }) => unpacked)).toEqual([
      'sha256:2ca316a6cf76acc2ff3e6748a79b7d9023e1d6a7b739b79f2ecec79e80f76386',
      'sha256:4bf28d590b372ba8916c5a3660adfca81bfb59297372733c2b1b9e9a4fcd2c9f',
      'sha256:a207bda842fa9511641173f2220c395202414529f647036aa8772fef30dce62e',
    ]);
  });

  // zlib has code of its own for a kind of processor, which may deflate to other bytes.
  it.skipIf(process.arch !== 'x64')('packed are the same on every x64', async () => {
    expect((await composePinned()).map(({ packed }) => packed)).toEqual([
      'sha256:9a0b4e873c263dd4d9239046160760d89555bdb56e3083e6e1d2381ed0cbb684',
      'sha256:d3bb86126dfcca1f5539a02a2adae85a53a5325f36c433178e6f24a4bbc48d2f',
      'sha256:5ebdc9000e147d7d9b5392c4cb6a2d523a7095c51e325e4ac5d8bbb2e0de68ac',
    ]);
  });

  it('are the same in another process', async () => {
    const program = new URL('./pinned.fixture.ts', import.meta.url).pathname;
    const { stdout } = await run(process.execPath, ['--import', 'tsx', program]);
    expect(JSON.parse(stdout)).toEqual(await composePinned());
  });
});
