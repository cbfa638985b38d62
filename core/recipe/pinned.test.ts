import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { composePinned } from './pinned.fixture.ts';

const run = promisify(execFile);

describe('the bytes of a composed chart', () => {
  it('unpacked are the same everywhere and for ever', async () => {
    expect((await composePinned()).map(({ unpacked }) => unpacked)).toEqual([
      'sha256:c3ece3ed56aa4561b3d76a136b28cbfa2c330cbc96f6fdd021f8a76740ba9472',
      'sha256:d0cd90d9b11625d7582dc47889670f0534a72d99a663a5d323eaa9f1913a4bfa',
      'sha256:bf680c9ceb7af06a97546fa6ee5053b913f9064bd3654872d32fe88ae1984cf9',
    ]);
  });

  // zlib has code of its own for a kind of processor, which may deflate to other bytes.
  it.skipIf(process.arch !== 'x64')('packed are the same on every x64', async () => {
    expect((await composePinned()).map(({ packed }) => packed)).toEqual([
      'sha256:1900495716fad41a37626906eb8c8367c32b453af76f4e9dc60060a8d5a6419d',
      'sha256:6c8e6234372c4ff790ffc3818b6c6985630cc99ec419aa0b03133ded989bb82e',
      'sha256:9eed93da66f41aa369d677376cda2a00c12f730eb2fef7c9918af10d920fcd2f',
    ]);
  });

  it('are the same in another process', async () => {
    const program = new URL('./pinned.fixture.ts', import.meta.url).pathname;
    const { stdout } = await run(process.execPath, ['--import', 'tsx', program]);
    expect(JSON.parse(stdout)).toEqual(await composePinned());
  });
});
