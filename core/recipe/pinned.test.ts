import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { digestPinnedRecipes } from './pinned.fixture.ts';

const run = promisify(execFile);

describe('the bytes of a composed chart', () => {
  it('the unpacked bytes of a composed chart are the same on every machine and in every release', async () => {
    expect((await digestPinnedRecipes()).map(({ unpacked }) => unpacked)).toEqual([
      'sha256:1d0be216a5e8b7674a751fb3025d2212a33fafd3597fd02b9b2f7be0222f18ec',
      'sha256:dcc2aaefe5510fbf60d9106c53744ebb6398c32bb07222ff6b98dd4082cdce19',
      'sha256:735d02493487ed6b10c2c3cda9238e3cacf1a4e3b1e2d73e1f42536c7e50b89a',
    ]);
  });

  // zlib has special code for some processors, which may deflate to other bytes.
  it.skipIf(process.arch !== 'x64')(
    'the packed bytes of a composed chart are the same on every x64',
    async () => {
      expect((await digestPinnedRecipes()).map(({ packed }) => packed)).toEqual([
        'sha256:b56b29afbe76ad825b967f226fb71766b1061bf2f3bfb28199068caa4301bcc3',
        'sha256:928b389aebc73098f6ddf4252a2a9574e83ac5a5a10cc5c06874a1de22195a83',
        'sha256:a8890b56e583808579440a7260d6d6154aa4e78773e3c45f3a57bde9710879f5',
      ]);
    },
  );

  it('the bytes of a composed chart are the same in another process', async () => {
    const program = new URL('./pinned.fixture.ts', import.meta.url).pathname;
    const { stdout } = await run(process.execPath, ['--import', 'tsx', program]);
    expect(JSON.parse(stdout)).toEqual(await digestPinnedRecipes());
  });
});
