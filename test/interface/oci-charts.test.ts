import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createClient as createTypedClient } from '../../client/src/index.ts';
import { namesOf } from '../support/answers.ts';
import { packChart } from '../support/charts.ts';
import {
  chartTypes,
  descriptor,
  digest,
  imageType,
  manifestOf,
  openRepository,
  problemOf,
  tagsOf,
} from '../support/oci.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.close());

const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());
const download = async (space: string, chart: string, version: string) =>
  bytesOf(await registry.api(`/spaces/${space}/charts/${chart}/versions/${version}`));
const digestAt = async (repository: ReturnType<typeof openRepository>, reference: string) =>
  (await repository.call(`manifests/${reference}`, { method: 'HEAD' })).headers.get('docker-content-digest');
const putJson = (path: string, body: unknown) =>
  registry.api(path, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
/** Writes the part of `helm package --sign` that the registry checks. */
const sign = (archive: Buffer, name: string, version: string) =>
  `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\napiVersion: v2\nname: ${name}\nversion: ${version}\n\n...\nfiles:\n  ${name}-${version}.tgz: ${digest(archive)}\n-----BEGIN PGP SIGNATURE-----\n\nwsBcBAEBCgAQBQJ\n=abcd\n-----END PGP SIGNATURE-----\n`;

describe('a chart that is pushed', () => {
  it('a pushed chart is a version immediately, and its manifest stays byte for byte', async () => {
    const archive = await packChart({ name: 'web', version: '1.2.3+build.4', values: { a: 1 } });
    const repository = openRepository(registry, 'pushed/web');
    const { body, digest: name, response } = await repository.pushChart(archive, '1.2.3_build.4');
    expect(response.status).toBe(201);
    expect(await download('pushed', 'web', '1.2.3+build.4')).toEqual(archive);
    expect(await (await repository.call('manifests/1.2.3_build.4')).text()).toBe(body);
    expect(await digestAt(repository, '1.2.3_build.4')).toBe(name);
    expect(await tagsOf(await repository.call('tags/list'))).toEqual(['1.2.3_build.4']);
    const values = await registry.api('/spaces/pushed/charts/web/versions/1.2.3+build.4/manifests/values');
    expect(await values.json()).toEqual({ a: 1 });
  });

  it('a pushed chart ends an OCI tag of its version, also with a foreign layer that nobody has pushed', async () => {
    const repository = openRepository(registry, 'pushed/tagged');
    const foreign = descriptor('text/plain', 'elsewhere', { urls: ['https://elsewhere.example/notes'] });
    for (const [version, extra] of [
      ['1.0.0', []],
      ['2.0.0', [foreign]],
    ] as const) {
      expect((await repository.pushArtifact(version, 'an artifact')).response.status).toBe(201);
      const archive = await packChart({ name: 'tagged', version });
      await repository.pushBlob(archive);
      const body = JSON.stringify({
        schemaVersion: 2,
        config: descriptor(chartTypes.config, '{}'),
        layers: [descriptor(chartTypes.archive, archive), ...extra],
      });
      expect((await repository.put(version, body)).status).toBe(201);
      expect(await (await repository.call(`manifests/${version}`)).text()).toBe(body);
      expect(await download('pushed', 'tagged', version)).toEqual(archive);
      await registry.api(`/spaces/pushed/charts/tagged/versions/${version}`, { method: 'DELETE' });
      expect((await repository.call(`manifests/${version}`)).status).toBe(404);
      expect((await repository.call(`manifests/${digest(body)}`)).status).toBe(404);
    }
  });

  it('a chart that is pushed deeper than SPACE/NAME is refused with where it belongs, other artifacts are not', async () => {
    const archive = await packChart({ name: 'deep' });
    const deep = openRepository(registry, 'pushed/team/deep');
    const refused = await problemOf((await deep.pushChart(archive, '1.0.0')).response);
    expect(refused).toMatchObject({ status: 400, code: 'NAME_INVALID' });
    expect(refused.message).toContain('Push it to pushed/deep');
    expect((await deep.call('manifests/1.0.0')).status).toBe(404);
    // A tag of no version is refused likewise, and a digest without a tag.
    expect((await deep.pushChart(archive, 'latest')).response.status).toBe(400);
    const chart = { config: descriptor(chartTypes.config, '{}') };
    expect((await deep.pushArtifact(undefined, 'layer', chart)).response.status).toBe(400);
    const { digest: subject, response } = await deep.pushArtifact('v1', 'other');
    expect(response.status).toBe(201);
    const signature = { subject: { mediaType: imageType, digest: subject, size: 1 } };
    expect((await deep.pushArtifact(undefined, 'signature', signature)).response.status).toBe(201);
    expect((await openRepository(registry, 'pushed/deep').pushChart(archive, '1.0.0')).response.status).toBe(
      201,
    );
  });

  it('a space lists its deeper repositories with their tags, the highest version first, by pages', async () => {
    const storing = await startRegistry({ nestedCharts: 'store' }, { worker: false });
    onTestFinished(() => storing.close());
    const archive = await packChart({ name: 'deep' });
    const chart = openRepository(storing, 'deeper/team/chart');
    const { response } = await chart.pushChart(archive, '1.9.0');
    expect(response.status).toBe(201);
    expect(response.headers.get('warning')).toMatch(/^299 - "chart\.nested: .*push it to deeper\/chart/);
    expect((await storing.api('/spaces/deeper/charts/chart/versions')).status).toBe(404);
    expect(await (await storing.request('/v2/_catalog')).text()).toContain('"deeper/team/chart"');
    for (const tag of ['1.10.0', '2.0.0-rc.1', '1.0.0_build.1']) await chart.pushChart(archive, tag);
    await chart.pushArtifact('latest', 'another');
    await chart.pushArtifact(`sha256-${'0'.repeat(64)}.sig`, 'signature');
    await openRepository(storing, 'deeper/team/chart/notes').pushArtifact('v1', 'notes');
    await openRepository(storing, 'deeper/plain').pushArtifact('v1', 'not deeper');
    await storing.upload('deeper', { name: 'web' });
    const list = createTypedClient({ url: storing.url, basic: storing.login }).space('deeper').repositories();
    const first = await list.page({ limit: 1 });
    expect(first).toEqual({
      items: [
        {
          name: 'team/chart',
          tags: ['2.0.0-rc.1', '1.10.0', '1.9.0', '1.0.0_build.1', 'latest'],
          tagCount: 5,
          artifactType: chartTypes.config,
        },
      ],
      next: 'team/chart',
    });
    const second = await list.page({ limit: 1, cursor: 'team/chart' });
    expect(second).toEqual({ items: [expect.objectContaining({ name: 'team/chart/notes', tags: ['v1'] })] });
    expect((await storing.api('/spaces/nowhere/repositories')).status).toBe(404);
    expect((await storing.api('/spaces/deeper/repositories?cursor=%00')).status).toBe(400);
    expect((await storing.api('/spaces/deep%00er/repositories')).status).toBe(400);
  });

  it('a pushed chart has its archive in the store once', async () => {
    const archive = await packChart({ name: 'once', values: { only: 'once' } });
    await openRepository(registry, 'pushed/once').pushChart(archive, '1.0.0');
    const blobs = await registry.blobs();
    expect(blobs.filter((blob) => blob.endsWith(digest(archive).slice(7)))).toHaveLength(1);
  });

  it('a chart pushed under another name or version is refused', async () => {
    const archive = await packChart({ name: 'real', version: '1.0.0' });
    for (const [name, tag] of [
      ['other', '1.0.0'],
      ['real', '1.0.1'],
    ] as const) {
      const { response } = await openRepository(registry, `pushed/${name}`).pushChart(archive, tag);
      const problem = await problemOf(response);
      expect(problem).toMatchObject({ status: 400, code: 'MANIFEST_INVALID' });
      expect(problem.message).toContain('real 1.0.0');
    }
    expect((await registry.api('/spaces/pushed/charts/other/versions')).status).toBe(404);
  });

  it('a pushed chart whose archive is invalid or missing is refused', async () => {
    const repository = openRepository(registry, 'pushed/broken');
    const { response } = await repository.pushChart(Buffer.from('no archive'), '1.0.0');
    expect(await problemOf(response)).toMatchObject({ status: 400, code: 'MANIFEST_INVALID' });
    await repository.pushBlob('{}');
    const config = descriptor(chartTypes.config, '{}');
    const bare = JSON.stringify({ schemaVersion: 2, config, layers: [] });
    expect((await problemOf(await repository.put('1.0.0', bare))).message).toContain('needs a layer');
    const missing = descriptor(chartTypes.archive, 'nowhere');
    const incomplete = JSON.stringify({ schemaVersion: 2, config, layers: [missing] });
    expect(await problemOf(await repository.put('1.0.0', incomplete))).toMatchObject({
      code: 'MANIFEST_BLOB_UNKNOWN',
    });
  });

  it('a tag that is no version stays when the version of its chart is deleted', async () => {
    const archive = await packChart({ name: 'aliased' });
    const repository = openRepository(registry, 'pushed/aliased');
    const { body } = await repository.pushChart(archive, '1.0.0');
    expect((await repository.put('latest', body)).status).toBe(201);
    expect(await tagsOf(await repository.call('tags/list'))).toEqual(['1.0.0', 'latest']);
    await registry.api('/spaces/pushed/charts/aliased/versions/1.0.0', { method: 'DELETE' });
    expect(await (await repository.call('manifests/latest')).text()).toBe(body);
    expect((await repository.call('manifests/1.0.0')).status).toBe(404);
    expect(await bytesOf(await repository.call(`blobs/${digest(archive)}`))).toEqual(archive);
  });

  it('a pushed chart replaces an uploaded version', async () => {
    const [first, second] = await Promise.all([1, 2].map((a) => packChart({ name: 'again', values: { a } })));
    if (!first || !second) throw new Error('no charts');
    await registry.upload('pushed', first);
    const repository = openRepository(registry, 'pushed/again');
    const { body, response } = await repository.pushChart(second, '1.0.0');
    expect(response.status).toBe(201);
    expect(await download('pushed', 'again', '1.0.0')).toEqual(second);
    expect(await (await repository.call('manifests/1.0.0')).text()).toBe(body);
  });

  it('a pushed chart replaces an artifact of its tag, and no artifact replaces the chart', async () => {
    const repository = openRepository(registry, 'pushed/place');
    await repository.pushArtifact('1.0.0', 'was here before');
    const { body } = await repository.pushChart(await packChart({ name: 'place' }), '1.0.0');
    expect(await (await repository.call('manifests/1.0.0')).text()).toBe(body);
    const { response } = await repository.pushArtifact('1.0.0', 'comes after');
    expect(await problemOf(response)).toMatchObject({ status: 409, code: 'DENIED' });
    await repository.remove('manifests/1.0.0');
    expect((await repository.call('manifests/1.0.0')).status).toBe(404);
  });
});

describe('a version that was not pushed', () => {
  it('an uploaded version has a manifest of a stable digest, and can be pulled', async () => {
    const archive = await packChart({
      name: 'web',
      version: '2.0.0',
      manifest: {
        description: 'A web',
        home: 'https://web.example',
        sources: ['https://git.example/web'],
        maintainers: [{ name: 'Ann', email: 'ann@example.org' }, { name: 'Bob' }],
        annotations: { 'org.opencontainers.image.version': 'not mine', team: 'web' },
      },
      subcharts: [{ name: 'labels' }],
    });
    await registry.upload('stored', archive);
    const repository = openRepository(registry, 'stored/web');
    // Concurrent first requests must all get the same manifest.
    const all = await Promise.all(Array.from({ length: 12 }, () => repository.call('manifests/2.0.0')));
    const bodies = new Set(await Promise.all(all.map((response) => response.text())));
    expect(bodies.size).toBe(1);
    const [body = ''] = bodies;
    expect(await digestAt(repository, '2.0.0')).toBe(digest(body));
    const byDigest = await repository.call(`manifests/${digest(body)}`);
    const manifest = await manifestOf(byDigest);
    expect(manifest.annotations).toMatchObject({
      'org.opencontainers.image.title': 'web',
      'org.opencontainers.image.version': '2.0.0',
      'org.opencontainers.image.description': 'A web',
      'org.opencontainers.image.url': 'https://web.example',
      'org.opencontainers.image.source': 'https://git.example/web',
      'org.opencontainers.image.authors': 'Ann (ann@example.org), Bob',
      team: 'web',
    });
    expect(manifest.layers).toEqual([descriptor(chartTypes.archive, archive)]);
    const config = await bytesOf(await repository.call(`blobs/${manifest.config.digest}`));
    expect(digest(config)).toBe(manifest.config.digest);
    expect(JSON.parse(config.toString())).toMatchObject({ apiVersion: 'v2', name: 'web', version: '2.0.0' });
    const part = await repository.call(`blobs/${manifest.config.digest}`, {
      headers: { Range: 'bytes=1-3' },
    });
    expect(await bytesOf(part)).toEqual(config.subarray(1, 4));
    expect(await bytesOf(await repository.call(`blobs/${digest(archive)}`))).toEqual(archive);
  });

  it('a composed version is a tag', async () => {
    await registry.upload('stored', { name: 'base' });
    const made = await registry.orchestrate('stored', {
      save: { chart: 'composed', version: '3.0.0+x' },
      configs: { package: { independent: true, space: 'stored', chart: 'base', version: '1.0.0' } },
    });
    expect(made.status).toBe(201);
    const repository = openRepository(registry, 'stored/composed');
    expect(await tagsOf(await repository.call('tags/list'))).toEqual(['3.0.0_x']);
    const { layers } = await manifestOf(await repository.call('manifests/3.0.0_x'));
    expect(layers[0]?.digest).toBe(digest(await download('stored', 'composed', '3.0.0+x')));
  });

  it('a tag follows the rewrite and the deletion of its version', async () => {
    await registry.upload('stored', { name: 'moving', values: { a: 1 } });
    const repository = openRepository(registry, 'stored/moving');
    const before = await digestAt(repository, '1.0.0');
    await putJson('/spaces/stored/charts/moving/versions/1.0.0/manifests/values', { a: 2 });
    const after = await digestAt(repository, '1.0.0');
    expect(after).not.toBe(before);
    const { layers } = await manifestOf(await repository.call('manifests/1.0.0'));
    expect(layers[0]?.digest).toBe(digest(await download('stored', 'moving', '1.0.0')));
    await registry.api('/spaces/stored/charts/moving', { method: 'DELETE' });
    for (const reference of ['1.0.0', String(after)])
      expect((await repository.call(`manifests/${reference}`)).status).toBe(404);
    expect(await tagsOf(await repository.call('tags/list'))).toEqual([]);
  });

  it('a push of the archive of a version gives it the manifest, and makes no second version', async () => {
    const archive = await packChart({ name: 'both' });
    await registry.upload('stored', archive);
    const repository = openRepository(registry, 'stored/both');
    await digestAt(repository, '1.0.0');
    const { digest: name } = await repository.pushChart(archive, '1.0.0');
    expect(await digestAt(repository, '1.0.0')).toBe(name);
    expect((await namesOf(await registry.api('/spaces/stored/charts/both/versions'))).items).toEqual([
      '1.0.0',
    ]);
  });

  it('the archive blob of a version cannot be deleted', async () => {
    const archive = await packChart({ name: 'whole' });
    await registry.upload('stored', archive);
    const repository = openRepository(registry, 'stored/whole');
    expect((await repository.remove(`blobs/${digest(archive)}`)).status).toBe(405);
    await repository.call('manifests/1.0.0');
    expect((await repository.remove(`blobs/${digest(archive)}`)).status).toBe(405);
  });

  it.each(['tag', 'digest'])('a version is deleted with the %s of its manifest', async (by) => {
    await registry.upload('stored', { name: `by-${by}` });
    const repository = openRepository(registry, `stored/by-${by}`);
    const name = await digestAt(repository, '1.0.0');
    expect((await repository.remove(`manifests/${by === 'tag' ? '1.0.0' : name}`)).status).toBe(202);
    expect((await registry.api(`/spaces/stored/charts/by-${by}/versions`)).status).toBe(404);
    for (const reference of ['1.0.0', String(name)])
      expect((await repository.call(`manifests/${reference}`)).status).toBe(404);
  });
});

describe('provenance', () => {
  it('provenance is read of a version after a push, and is a layer after an upload', async () => {
    const archive = await packChart({ name: 'signed' });
    const provenance = sign(archive, 'signed', '1.0.0');
    const repository = openRepository(registry, 'prov/signed');
    const { response } = await repository.pushChart(archive, '1.0.0', { provenance });
    expect(response.status).toBe(201);
    const path = '/spaces/prov/charts/signed/versions/1.0.0/provenance';
    expect(await (await registry.api(path)).text()).toBe(provenance);

    const later = await packChart({ name: 'later' });
    await registry.upload('prov', later);
    const other = openRepository(registry, 'prov/later');
    const before = await digestAt(other, '1.0.0');
    const attached = await registry.api('/spaces/prov/charts/later/versions/1.0.0/provenance', {
      method: 'PUT',
      body: sign(later, 'later', '1.0.0'),
    });
    expect(attached.ok).toBe(true);
    expect(await digestAt(other, '1.0.0')).not.toBe(before);
    const { layers } = await manifestOf(await other.call('manifests/1.0.0'));
    const layer = layers.find(({ mediaType }) => mediaType === chartTypes.provenance);
    expect(await (await other.call(`blobs/${layer?.digest}`)).text()).toBe(sign(later, 'later', '1.0.0'));
    expect(layers.map((item) => item.digest)).toEqual(layers.map((item) => item.digest).sort());
  });

  it('a push with the provenance of another archive is refused', async () => {
    const archive = await packChart({ name: 'forged' });
    const repository = openRepository(registry, 'prov/forged');
    const provenance = sign(Buffer.from('another'), 'forged', '1.0.0');
    const { response } = await repository.pushChart(archive, '1.0.0', { provenance });
    expect(await problemOf(response)).toMatchObject({ status: 400, code: 'MANIFEST_INVALID' });
    expect((await registry.api('/spaces/prov/charts/forged/versions')).status).toBe(404);
  });
});
