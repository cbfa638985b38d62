import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../core/blobs/content.ts';
import { signInTheClear } from '../../core/chart/provenance.fixture.ts';
import { errorOf } from '../support/answers.ts';
import { packChart } from '../support/charts.ts';
import { digest, imageType, indexType, manifestOf, openRepository, problemOf } from '../support/oci.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({}, { worker: false });
});
afterAll(() => registry.close());

const digestAt = async (repository: ReturnType<typeof openRepository>, reference: string) =>
  (await repository.call(`manifests/${reference}`, { method: 'HEAD' })).headers.get('docker-content-digest');
const sign = (archive: Buffer) =>
  signInTheClear(
    `name: web\nversion: 1.0.0\n\n...\nfiles:\n  web-1.0.0.tgz: ${digestOf(archive)}\n`,
  ).toString();

describe('a space whose versions are immutable', () => {
  it('an immutable version is pushed once, and is neither replaced nor deleted', async () => {
    await registry.api('/spaces?space=fixed', { method: 'POST' });
    const patched = await registry.api('/spaces/fixed', {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/json' },
      body: '{"overwriting":"immutable"}',
    });
    expect(patched.ok).toBe(true);
    const archive = await packChart({ name: 'web', values: { a: 1 } });
    const repository = openRepository(registry, 'fixed/web');
    const pushed = await repository.pushChart(archive, '1.0.0');
    expect(pushed.response.status).toBe(201);
    // Putting the same manifest again is not a change.
    expect((await repository.put('1.0.0', pushed.body)).status).toBe(201);
    const other = await repository.pushChart(await packChart({ name: 'web', values: { a: 2 } }), '1.0.0');
    expect(await problemOf(other.response)).toMatchObject({ status: 409, code: 'DENIED' });
    const renamed = await repository.pushChart(archive, '1.0.0', { note: 'pushed later' });
    expect(await problemOf(renamed.response)).toMatchObject({ status: 409, code: 'DENIED' });
    for (const reference of ['1.0.0', pushed.digest]) {
      expect(await problemOf(await repository.remove(`manifests/${reference}`))).toMatchObject({
        status: 409,
        code: 'DENIED',
      });
    }
    expect(await digestAt(repository, '1.0.0')).toBe(pushed.digest);
    expect((await errorOf(await registry.upload('fixed', archive))).code).toBe('version.exists');
    // Tags that are not versions stay mutable.
    await repository.pushArtifact('latest', 'a');
    expect((await repository.pushArtifact('latest', 'b')).response.status).toBe(201);
  });

  describe('the manifest of an immutable version', () => {
    const archives = packChart({ name: 'web', values: { kept: 1 } });
    const fixed = async (space: string, provenance?: string) => {
      const archive = await archives;
      await registry.upload(space, archive);
      if (provenance !== undefined) expect((await attach(space, provenance)).status).toBe(204);
      await registry.api(`/spaces/${space}`, { method: 'PATCH', body: '{"overwriting":"immutable"}' });
      return { archive, repository: openRepository(registry, `${space}/web`) };
    };
    const attach = (space: string, provenance: string) =>
      registry.api(`/spaces/${space}/charts/web/versions/1.0.0/provenance`, {
        method: 'PUT',
        body: provenance,
      });
    const denied = { status: 409, code: 'DENIED' };

    it('the tag of an immutable version refuses another manifest before its own was read', async () => {
      const { archive, repository } = await fixed('unasked');
      const other = await repository.pushChart(archive, '1.0.0', { note: 'my own' });
      expect(await problemOf(other.response)).toMatchObject(denied);
      const served = await repository.call('manifests/1.0.0');
      expect(served.headers.get('docker-content-digest')).not.toBe(other.digest);
      // Putting the served manifest is not a change.
      expect((await repository.put('1.0.0', await served.text())).status).toBe(201);
    });

    it('the tag of an immutable version refuses a manifest that adds or drops the provenance file', async () => {
      const archive = await archives;
      const provenance = sign(archive);
      const { repository } = await fixed('signed', provenance);
      expect(await problemOf((await repository.pushChart(archive, '1.0.0')).response)).toMatchObject(denied);
      const again = await repository.pushChart(archive, '1.0.0', { provenance });
      expect(await problemOf(again.response)).toMatchObject(denied);
      const { repository: unsigned } = await fixed('unsigned');
      const first = await unsigned.pushChart(archive, '1.0.0', { provenance });
      expect(await problemOf(first.response)).toMatchObject(denied);
      expect((await registry.request('/unsigned/charts/web-1.0.0.tgz.prov')).status).toBe(404);
    });

    it('the tag of an immutable version keeps its manifest when a provenance file is attached', async () => {
      const archive = await archives;
      const repository = openRepository(registry, 'grown/web');
      const pushed = await repository.pushChart(archive, '1.0.0');
      await registry.api('/spaces/grown', { method: 'PATCH', body: '{"overwriting":"immutable"}' });
      expect((await attach('grown', sign(archive))).status).toBe(204);
      expect(await digestAt(repository, '1.0.0')).toBe(pushed.digest);
      expect((await repository.put('1.0.0', pushed.body)).status).toBe(201);
      expect((await registry.request('/grown/charts/web-1.0.0.tgz.prov')).status).toBe(200);
      expect(await digestAt(repository, '1.0.0')).toBe(pushed.digest);
    });

    it('the tag of an immutable version survives every attempt to change or delete its parts', async () => {
      const { archive, repository } = await fixed('besieged');
      const served = await repository.call('manifests/1.0.0');
      const [name, body] = [served.headers.get('docker-content-digest') ?? '', await served.text()];
      const docker = 'application/vnd.docker.distribution.manifest.v2+json';
      const index = JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: [] });
      const attempts = [
        () => repository.put('1.0.0', body, docker),
        () => repository.put(name, body, docker),
        () => repository.put('1.0.0', index, indexType),
        () => repository.put(`${digest(index)}?tag=1.0.0`, index, indexType),
        () => repository.put(`${digest(body, 'sha512')}?tag=1.0.0`, body),
        async () => (await repository.pushArtifact('1.0.0', 'no chart')).response,
        () => repository.remove('manifests/1.0.0'),
        () => repository.remove(`manifests/${name}`),
        () => repository.remove(`blobs/${digest(archive)}`),
        async () => repository.remove(`blobs/${(await manifestOf(new Response(body))).config.digest}`),
      ];
      for (const attempt of attempts) expect([400, 405, 409]).toContain((await attempt()).status);
      const after = await repository.call('manifests/1.0.0');
      expect([after.headers.get('docker-content-digest'), after.headers.get('content-type')]).toEqual([
        name,
        imageType,
      ]);
      expect(await after.text()).toBe(body);
    });
  });
});
