import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { digestOf } from '../core/blobs/content.ts';
import { collectGarbage } from '../core/maintenance/collect.ts';
import { stringifyYaml } from '../core/yaml/yaml.ts';
import { packChart } from './support/charts.ts';
import { chartOfSize, damage, damages } from './support/damage.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';
import { filesIn } from './support/files.ts';
import { openRepository } from './support/oci.ts';
import { verifyByCommand } from './support/process.ts';

let registry: EmbeddedRegistry;
let folder: string;
beforeEach(async () => {
  registry = await startEmbedded({ gcInterval: 0, logLevel: 'silent' }, { worker: false });
  onTestFinished(() => registry.close());
  folder = await mkdtemp(join(tmpdir(), 'copies-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

const path = (version: string) => `/spaces/lib/charts/web/versions/${version}`;
const download = async (version: string) =>
  Buffer.from(await (await registry.api(path(version))).arrayBuffer());
const repair = (from: string) => verifyByCommand(registry, '--repair', from);
/** Uploads three versions, damages each in another way, and uploads one that stays good. */
async function damageThree(): Promise<Map<string, Buffer>> {
  const archives = new Map<string, Buffer>();
  for (const [patch, how] of [...damages, undefined].entries()) {
    const archive = await packChart({
      name: 'web',
      version: `1.0.${patch}`,
      files: { 'files/noise': (await chartOfSize('noise', patch === 1)).toString('hex') },
    });
    archives.set(`1.0.${patch}`, archive);
    expect((await registry.upload('lib', archive)).status).toBe(201);
    if (how) await damage(registry, digestOf(archive), how);
  }
  return archives;
}
async function expectRepaired(archives: ReadonlyMap<string, Buffer>): Promise<void> {
  for (const [version, archive] of archives) expect((await download(version)).equals(archive)).toBe(true);
  expect(await registry.db.query('SELECT digest FROM blob_faults')).toEqual([]);
  expect((await filesIn(join(registry.dataDir, 'uploads'))).length).toBe(0);
}

/** Serves files by their paths until the end of the test, and records the requests. */
async function serveFiles(files: ReadonlyMap<string, Buffer>) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.headers.authorization ?? ''}${request.url}`);
    const file = files.get(decodeURIComponent(request.url ?? ''));
    // Many file servers send gzip as the encoding of an archive.
    response.writeHead(file ? 200 : 404, { 'Content-Encoding': 'gzip' }).end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { url: `http://127.0.0.1:${port}`, requests };
}

describe('verify --repair', () => {
  it('verify --repair takes good copies from a folder, whatever their file names', async () => {
    const archives = await damageThree();
    await mkdir(join(folder, 'deep', 'er'), { recursive: true });
    for (const [version, archive] of archives) await writeFile(join(folder, 'deep', 'er', version), archive);
    // A file of the right name and size with other bytes.
    const [first = Buffer.alloc(0)] = archives.values();
    await writeFile(join(folder, 'web-1.0.0.tgz'), Buffer.alloc(first.length));
    const { code, stdout, stderr } = await repair(folder);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`is missing; repaired from ${join(folder, 'deep', 'er', '1.0.2')}\n`);
    expect(stdout).toContain('read: nothing is wrong, 3 faults repaired\n');
    await expectRepaired(archives);
  });

  it('verify finds damage of a deleted version that can be restored, and repairs it before somebody restores it', async () => {
    const archive = await packChart({ name: 'web', version: '1.0.0' });
    const digest = digestOf(archive);
    expect((await registry.upload('lib', archive)).status).toBe(201);
    expect((await registry.api(path('1.0.0'), { method: 'DELETE' })).status).toBe(204);
    const verify = () => verifyByCommand(registry);
    expect(await verify()).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('0 versions, 1 deleted version that can be restored, 1 blob, '),
    });
    await damage(registry, digest, 'flipped');
    const found = await verify();
    expect(found.code).toBe(1);
    expect(found.stdout).toContain(`deleted version lib/web/1.0.0: the blob ${digest} holds`);
    // The recorded fault refuses what would restore a damaged version.
    const refused = await registry.api(`${path('1.0.0')}/restore`, { method: 'POST' });
    expect(refused.status).toBe(409);
    await writeFile(join(folder, 'copy'), archive);
    const { code, stdout } = await repair(folder);
    expect(stdout).toContain('nothing is wrong, 1 fault repaired\n');
    expect(code).toBe(0);
    expect((await registry.api(`${path('1.0.0')}/restore`, { method: 'POST' })).status).toBe(200);
    expect((await download('1.0.0')).equals(archive)).toBe(true);
    await expectRepaired(new Map([['1.0.0', archive]]));
    // A collection that was told to make room has taken it: nobody misses it.
    expect((await registry.api(path('1.0.0'), { method: 'DELETE' })).status).toBe(204);
    const { registry: parts, log } = registry.context;
    expect(await collectGarbage({ ...parts, log }, { graceSeconds: 0 })).toMatchObject({ removed: 1 });
    expect(await verify()).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('0 versions, 0 blobs,'),
    });
  });

  it('verify --repair takes copies from a copy of the store', async () => {
    await cp(join(registry.dataDir, 'blobs'), folder, { recursive: true });
    const archives = await damageThree();
    const nothing = await repair(folder);
    expect(nothing.code).toBe(1);
    expect(nothing.stdout).toContain(`is missing; no good copy was found in ${folder}\n`);
    expect(nothing.stdout).toContain(': 3 faults\n');
    for (const [version, archive] of archives) await writeFile(join(folder, version), archive);
    expect((await repair(folder)).code).toBe(0);
    await expectRepaired(archives);
  });

  it('verify --repair takes archives, provenance files and blobs from another registry', async () => {
    const other = await startEmbedded({}, { worker: false });
    onTestFinished(() => other.close());
    const archives = await damageThree();
    for (const archive of archives.values()) await other.upload('lib', archive);
    const provenance = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nname: web\nversion: 1.0.3\n\n...\nfiles:\n  web-1.0.3.tgz: ${digestOf(archives.get('1.0.3') ?? Buffer.alloc(0))}\n-----BEGIN PGP SIGNATURE-----\n\nwsBcBAEBCgAQBQJ\n=abcd\n-----END PGP SIGNATURE-----\n`;
    for (const each of [registry, other]) {
      const attached = await each.api(`${path('1.0.3')}/provenance`, { method: 'PUT', body: provenance });
      expect(attached.status).toBe(204);
      await openRepository(each, 'lib/any').pushBlob('a layer');
    }
    for (const bytes of [provenance, 'a layer'])
      await damage(registry, digestOf(Buffer.from(bytes)), 'flipped');
    const { code, stdout } = await repair(`${other.url}/`);
    expect(stdout).toContain('read: nothing is wrong, 5 faults repaired\n');
    expect(code).toBe(0);
    await expectRepaired(archives);
    const layer = await registry.request(`/v2/lib/any/blobs/${digestOf(Buffer.from('a layer'))}`);
    expect(await layer.text()).toBe('a layer');
  });

  it('verify --repair takes copies from the URLs in the index of a chart repository', async () => {
    const archives = await damageThree();
    const entries = [...archives].map(([version, archive], number) => ({
      name: 'web',
      version,
      digest: createHash('sha256').update(archive).digest('hex'),
      urls: [`elsewhere/${number}.tgz`],
    }));
    const index = stringifyYaml({ apiVersion: 'v1', entries: { web: entries } });
    const files = new Map(
      [...archives.values()].map((archive, number) => [`/repo/elsewhere/${number}.tgz`, archive]),
    );
    files.set('/repo/index.yaml', Buffer.from(index));
    const server = await serveFiles(files);
    const { code, stdout } = await repair(`${server.url.replace('//', '//me:secret@')}/repo`);
    expect(stdout).toContain(`repaired from ${server.url}/repo/elsewhere/0.tgz\n`);
    expect(stdout).not.toContain('secret');
    expect(code).toBe(0);
    expect(server.requests.every((request) => request.startsWith('Basic '))).toBe(true);
    await expectRepaired(archives);
  });

  it('verify --repair takes copies from a file server, by name or digest, and no wrong ones', async () => {
    const archives = await damageThree();
    const [flipped, short, gone] = archives.values();
    if (!flipped || !short || !gone) throw new Error('there are three');
    const hex = digestOf(gone).slice('sha256:'.length);
    const server = await serveFiles(
      new Map([
        ['/web-1.0.0.tgz', flipped],
        ['/web-1.0.1.tgz', Buffer.from(short).fill(0, 50)],
        [`/sha256/${hex.slice(0, 2)}/${hex}`, gone],
      ]),
    );
    const { code, stdout } = await repair(server.url);
    expect(code).toBe(1);
    expect(stdout).toContain(`lib/web/1.0.1: the blob ${digestOf(short)} holds`);
    expect(stdout).toContain('read: 1 fault, 2 faults repaired\n');
    expect((await registry.api(path('1.0.1'))).status).toBe(500);
  });

  it('verify --repair reports a folder or server that cannot be read', async () => {
    expect(await repair(join(folder, 'nowhere'))).toMatchObject({
      code: 2,
      stderr: `helm-registry: --repair: cannot read the folder ${join(folder, 'nowhere')}: ENOENT\n`,
    });
    const away = await repair('http://127.0.0.1:1');
    expect(away.code).toBe(2);
    expect(away.stderr).toMatch(
      /^helm-registry: --repair: cannot reach http:\/\/127\.0\.0\.1:1: ECONNREFUSED\n$/,
    );
  });

  it('verify without --repair reports blobs that can be repaired, and how', async () => {
    await damageThree();
    const { code, stdout } = await verifyByCommand(registry);
    expect(code).toBe(1);
    expect(stdout).toContain('3 blobs can be repaired: upload the same content again, or run');
  });
});
