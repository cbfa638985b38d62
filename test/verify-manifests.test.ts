import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';
import { manifestOf, openRepository } from './support/oci.ts';
import { verifyByCommand } from './support/process.ts';

let registry: EmbeddedRegistry;
let folder: string;
beforeEach(async () => {
  registry = await startEmbedded({ gcInterval: 0, logLevel: 'silent' }, { worker: false });
  onTestFinished(() => registry.close());
  folder = await mkdtemp(join(tmpdir(), 'copies-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

const verify = (...repair: string[]) => verifyByCommand(registry, ...repair);
const flip = (table: 'oci_manifests' | 'oci_blobs', digest: string, of = registry) =>
  of.db.query(
    `UPDATE ${table} SET content = set_byte(content, 9, get_byte(content, 9) # 255) WHERE digest = $1`,
    [digest],
  );
const textOf = async (response: Response) => [response.status, await response.text()];

describe('a manifest that is damaged in the database', () => {
  it('a damaged manifest is refused, found by verify, and repaired by a push', async () => {
    const repository = openRepository(registry, 'lib/any');
    const { body, digest } = await repository.pushArtifact('v1', 'a layer');
    expect(await verify()).toMatchObject({ code: 0 });
    await flip('oci_manifests', digest);
    for (const reference of ['v1', digest]) {
      const [status, text] = await textOf(await repository.call(`manifests/${reference}`));
      expect([status, text]).toEqual([500, expect.stringContaining('"blob.damaged"')]);
    }
    // HEAD answers 404, so that clients which ask before they push send the manifest.
    expect((await repository.call(`manifests/${digest}`, { method: 'HEAD' })).status).toBe(404);
    const { code, stdout } = await verify();
    expect(stdout).toContain(`lib/any (manifest ${digest}): its bytes in the database are others\n`);
    expect(code).toBe(1);
    expect((await repository.pushArtifact('v1', 'a layer')).response.status).toBe(201);
    expect(await textOf(await repository.call('manifests/v1'))).toEqual([200, body]);
    expect(await verify()).toMatchObject({ code: 0 });
  });

  it('a damaged manifest is repaired from a folder, also by sha512', async () => {
    const repository = openRepository(registry, 'lib/any');
    const { body, digest } = await repository.pushArtifact('v1', 'a layer');
    const sha512 = `sha512:${createHash('sha512').update(body).digest('hex')}`;
    expect((await repository.put(sha512, body)).status).toBe(201);
    for (const damaged of [digest, sha512]) await flip('oci_manifests', damaged);
    await writeFile(join(folder, 'other.json'), `${body} `);
    expect(await verify('--repair', folder)).toMatchObject({ code: 1 });
    await writeFile(join(folder, 'manifest.json'), body);
    const { code, stdout } = await verify('--repair', folder);
    expect(stdout).toContain(
      `(manifest ${sha512}): its bytes in the database are others; repaired from ${join(folder, 'manifest.json')}\n`,
    );
    expect(code).toBe(0);
    expect(await textOf(await repository.call(`manifests/${sha512}`))).toEqual([200, body]);
  });

  it('a damaged manifest is repaired from another repository with the same manifest', async () => {
    const [first, second] = [openRepository(registry, 'lib/any'), openRepository(registry, 'lib/other')];
    const { body, digest } = await first.pushArtifact('v1', 'a layer');
    await second.pushArtifact('v1', 'a layer');
    await registry.db.query(
      `UPDATE oci_manifests SET content = '\\x00' WHERE id = (SELECT min(id) FROM oci_manifests WHERE digest = $1)`,
      [digest],
    );
    const { code, stdout } = await verify('--repair', folder);
    expect(stdout).toContain('; repaired from lib/other\n');
    expect(code).toBe(0);
    expect(await textOf(await first.call('manifests/v1'))).toEqual([200, body]);
  });

  it('a damaged manifest and the configuration of a version are repaired from another registry', async () => {
    await registry.upload('lib', { name: 'web' });
    const repository = openRepository(registry, 'lib/web');
    const served = await repository.call('manifests/1.0.0');
    const body = await served.clone().text();
    const { config } = await manifestOf(served);
    const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
    const kept = await (await repository.call(`blobs/${config.digest}`)).text();
    const other = await startEmbedded({}, { worker: false });
    onTestFinished(() => other.close());
    const copy = openRepository(other, 'lib/web');
    const { layers } = await manifestOf(new Response(body));
    const layer = Buffer.from(await (await repository.call(`blobs/${layers[0]?.digest}`)).arrayBuffer());
    for (const blob of [kept, layer]) expect((await copy.pushBlob(blob)).status).toBe(201);
    expect((await copy.put('1.0.0', body)).status).toBe(201);

    await flip('oci_manifests', digest);
    await flip('oci_blobs', config.digest);
    expect((await repository.call(`blobs/${config.digest}`)).status).toBe(500);
    expect((await repository.call(`blobs/${config.digest}`, { method: 'HEAD' })).status).toBe(404);
    const { code, stdout } = await verify('--repair', other.url);
    expect(stdout).toContain(
      `lib/web (configuration ${config.digest}): its bytes in the database are others;`,
    );
    expect(code).toBe(0);
    expect(await textOf(await repository.call('manifests/1.0.0'))).toEqual([200, body]);
    expect(await textOf(await repository.call(`blobs/${config.digest}`))).toEqual([200, kept]);

    // A push of the configuration repairs it too.
    await flip('oci_blobs', config.digest);
    expect((await repository.pushBlob(kept)).status).toBe(201);
    expect(await textOf(await repository.call(`blobs/${config.digest}`))).toEqual([200, kept]);
    expect(await verify()).toMatchObject({ code: 0 });
  });
});
