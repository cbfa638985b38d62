import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRepository, tagsOf } from '../support/oci.ts';
import { hasOras, run, writeLogin } from '../support/oci-programs.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
let folder: string;
beforeAll(async () => {
  registry = await startRegistry({}, { worker: false });
  folder = await mkdtemp(join(tmpdir(), 'oras-'));
  await writeLogin(folder, registry);
});
afterAll(async () => {
  await registry.close();
  await rm(folder, { recursive: true, force: true });
});

const at = (path: string) => `${new URL(registry.url).host}/${path}`;
const oras = async (command: string, ...args: string[]) => {
  const { code, stdout, stderr } = await run('oras', [...command.split(' '), '--plain-http', ...args], {
    cwd: folder,
  });
  if (code !== 0) throw new Error(`oras ${command}: ${stderr}`);
  return stdout;
};

describe.skipIf(!hasOras())('oras (left out without it on the PATH)', () => {
  it('oras pushes files, also large ones, and pulls them', async () => {
    const large = Buffer.alloc(5_000_000, 'large ');
    await writeFile(join(folder, 'large.bin'), large);
    await writeFile(join(folder, 'empty.txt'), '');
    const type = ['--artifact-type', 'application/x.test'];
    await oras('push', at('tools/files:v1,stable'), ...type, 'large.bin', 'empty.txt');
    await oras('pull', at('tools/files:stable'), '-o', 'pulled');
    expect((await readFile(join(folder, 'pulled', 'large.bin'))).equals(large)).toBe(true);
    expect(await readFile(join(folder, 'pulled', 'empty.txt'))).toEqual(Buffer.alloc(0));
    expect(await oras('repo tags', at('tools/files'))).toBe('stable\nv1\n');
  });

  it('oras attaches, discovers, and copies an artifact with its referrers', async () => {
    await writeFile(join(folder, 'thing'), 'thing');
    await writeFile(join(folder, 'bill'), 'bill of materials');
    await oras('push', at('tools/thing:v1'), 'thing');
    await oras('attach', at('tools/thing:v1'), '--artifact-type', 'application/x.bill', 'bill');
    const discovered = await oras('discover', at('tools/thing:v1'), '--artifact-type', 'application/x.bill');
    expect(discovered).toContain('application/x.bill');
    const { code, stderr } = await run(
      'oras',
      ['copy', '-r', '--from-plain-http', '--to-plain-http', at('tools/thing:v1'), at('tools/deep/copy:v1')],
      { cwd: folder },
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(await oras('discover', at('tools/deep/copy:v1'))).toContain('application/x.bill');
  });

  it('oras attaches to an uploaded chart, and deletes a manifest', async () => {
    await registry.upload('tools', { name: 'web' });
    await writeFile(join(folder, 'signature'), 'signature');
    await oras('attach', at('tools/web:1.0.0'), '--artifact-type', 'application/x.signature', 'signature');
    expect(await oras('discover', at('tools/web:1.0.0'))).toContain('application/x.signature');
    await oras('tag', at('tools/web:1.0.0'), 'latest');
    expect(await tagsOf(await openRepository(registry, 'tools/web').call('tags/list'))).toEqual([
      '1.0.0',
      'latest',
    ]);
    await oras('manifest delete', '--force', at('tools/web:1.0.0'));
    expect((await registry.api('/spaces/tools/charts/web/versions')).status).toBe(404);
  });
});
