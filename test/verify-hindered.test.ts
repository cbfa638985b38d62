import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { digestOf } from '../core/blobs/content.ts';
import { chartOfSize, damage } from './support/damage.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';
import { verifyByCommand } from './support/process.ts';
import { mountSmallDisk } from './support/small-disk.ts';

let registry: EmbeddedRegistry;
let folder: string;
let archive: Buffer;
beforeEach(async () => {
  registry = await startEmbedded({ gcInterval: 0, logLevel: 'silent' }, { worker: false });
  onTestFinished(() => registry.close());
  folder = await mkdtemp(join(tmpdir(), 'copies-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  archive = await chartOfSize('web', true);
  expect((await registry.upload('lib', archive)).status).toBe(201);
  await damage(registry, digestOf(archive), 'gone');
});

const repair = (from: string) => verifyByCommand(registry, '--repair', from);
const missing = () => `lib/web/1.0.0: the blob ${digestOf(archive)} is missing`;
const download = () => registry.api('/spaces/lib/charts/web/versions/1.0.0');

async function expectRepaired(): Promise<void> {
  expect(Buffer.from(await (await download()).arrayBuffer()).equals(archive)).toBe(true);
}

/** Serves a response at each possible address of the archive, and 404 elsewhere, until the end of the test. */
async function serveArchive(answer: (response: ServerResponse) => void) {
  const server = createServer((request, response) => {
    if (request.url?.includes('/versions/1.0.0')) answer(response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { url: `http://127.0.0.1:${port}` };
}

describe('verify --repair where a copy could not be looked for', () => {
  it.each([403, 503])(
    'verify --repair ends with 2 and the reason where the server answers %s',
    async (status) => {
      const server = await serveArchive((response) => response.writeHead(status).end());
      const { code, stdout } = await repair(server.url);
      const place = `${server.url}/api/v1/spaces/lib/charts/web/versions/1.0.0`;
      expect(stdout).toContain(`${missing()}; not repaired yet: ${place}: HTTP ${status}\n`);
      expect(stdout).toContain('run this again once it has\n');
      expect(code).toBe(2);
    },
  );

  it('verify --repair ends with 2 and the reason where the server breaks off', async () => {
    const server = await serveArchive((response) => {
      response.writeHead(200, { 'Content-Length': String(archive.length) });
      response.write(archive.subarray(0, 1_000), () => response.destroy());
    });
    const { code, stdout } = await repair(server.url);
    expect(stdout).toMatch(/; not repaired yet: http:[^ ]+1\.0\.0: (UND_ERR_|ECONNRESET)/);
    expect(code).toBe(2);
  });

  it('verify --repair ends with 2 and the reason where the URL of an index does not answer', async () => {
    const digest = digestOf(archive).slice('sha256:'.length);
    const entry = { name: 'web', version: '1.0.0', digest, urls: ['http://127.0.0.1:1/web.tgz'] };
    const server = createServer((request, response) => {
      if (request.url === '/index.yaml') response.end(JSON.stringify({ entries: { web: [entry] } }));
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
    const address = server.address();
    const { code, stdout } = await repair(
      `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    );
    expect(stdout).toContain('; not repaired yet: http://127.0.0.1:1/web.tgz: ECONNREFUSED\n');
    expect(code).toBe(2);
  });

  it('verify --repair ends with 2 where a file cannot be read, and uses a good copy beside it', async () => {
    // No user, not even root, can read a link to itself.
    await symlink('loop', join(folder, 'loop'));
    const first = await repair(folder);
    expect(first.stdout).toContain(`${missing()}; not repaired yet: ${join(folder, 'loop')}: ELOOP\n`);
    expect(first.code).toBe(2);
    await mkdir(join(folder, 'deep'));
    await writeFile(join(folder, 'deep', 'copy'), archive);
    const second = await repair(folder);
    expect(second).toMatchObject({ code: 0, stderr: '' });
    await expectRepaired();
  });

  it('verify --repair ends with 2 without room for the copy, and repairs with room (left out where no small disk can be mounted)', async (test) => {
    await writeFile(join(folder, 'copy'), archive);
    const uploads = join(registry.dataDir, 'uploads');
    await mkdir(uploads, { recursive: true });
    const unmount = mountSmallDisk(uploads, '64k');
    if (!unmount) return test.skip('no right to mount');
    const full = await repair(folder).finally(unmount);
    expect(full.stdout).toContain(
      `; not repaired yet: the copy in ${join(folder, 'copy')} cannot be taken into ${uploads}: ENOSPC\n`,
    );
    expect(full.code).toBe(2);
    expect((await repair(folder)).code).toBe(0);
    await expectRepaired();
  });

  it('verify --repair ends with 2 without room in the store, and repairs with room (left out where no small disk can be mounted)', async (test) => {
    await writeFile(join(folder, 'copy'), archive);
    const drafts = join(registry.dataDir, 'blobs', 'tmp');
    const unmount = mountSmallDisk(drafts, '64k');
    if (!unmount) return test.skip('no right to mount');
    const full = await repair(folder).finally(unmount);
    expect(full.stdout).toContain(
      `; not repaired yet: the good copy in ${join(folder, 'copy')} cannot be stored: ENOSPC\n`,
    );
    expect(full.code).toBe(2);
    expect((await repair(folder)).code).toBe(0);
    await expectRepaired();
  });

  it('verify --repair ends with 1 where every place was read and none has a good copy', async () => {
    await writeFile(join(folder, 'other'), Buffer.alloc(archive.length));
    const { code, stdout } = await repair(folder);
    expect(stdout).toContain(`${missing()}; no good copy was found in ${folder}\n`);
    expect(code).toBe(1);
  });
});
