import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../core/blobs/content.ts';
import { signInTheClear } from '../../core/chart/provenance.fixture.ts';
import { lineageOf } from '../support/answers.ts';
import { packChart } from '../support/charts.ts';
import { chartForm } from '../support/client.ts';
import { openRepository } from '../support/oci.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.close());

const web = (space: string) => `/spaces/${space}/charts/web/versions/1.0.0`;
const sign = (archive: Buffer) =>
  signInTheClear(`name: web\nversion: 1.0.0\n\n...\nfiles:\n  web-1.0.0.tgz: ${digestOf(archive)}\n`);
const setOverwriting = (space: string, overwriting: string) =>
  registry.api(`/spaces/${space}`, { method: 'PATCH', body: JSON.stringify({ overwriting }) });

/** Reads everything of a space that an upload of identical bytes must not change. */
async function stateOf(space: string) {
  const index = await registry.request(`/${space}/index.yaml`);
  const tag = await registry.request(`/v2/${space}/web/manifests/1.0.0`, { method: 'HEAD' });
  const metadata = await registry.api(`${web(space)}/manifests/metadata`);
  const lineage = await registry.api(`${web(space)}/lineage`);
  const [row] = await registry.db.query<{ revision: number; updated_at: Date; garbage: number }>(
    `SELECT s.revision, v.updated_at, (SELECT count(*) FROM garbage) AS garbage
       FROM spaces s JOIN charts c ON c.space_id = s.id JOIN versions v ON v.chart_id = c.id WHERE s.name = $1`,
    [space],
  );
  return {
    index: await index.text(),
    etags: [index, metadata].map(({ headers }) => headers.get('etag')),
    modified: (await registry.api(web(space))).headers.get('last-modified'),
    manifest: tag.headers.get('docker-content-digest'),
    lineage: lineage.status === 200 ? await lineageOf(lineage) : lineage.status,
    row,
  };
}

/** Requests that upload the archive of a version again, by interface. */
function doorsOf(space: string, archive: Buffer, provenance?: Buffer) {
  const form = (field: string) => {
    const body = new FormData();
    body.set(field, new Blob([new Uint8Array(archive)]), 'web-1.0.0.tgz');
    return body;
  };
  const signed = chartForm(archive);
  if (provenance) signed.set('provfile', new Blob([new Uint8Array(provenance)]), 'web-1.0.0.tgz.prov');
  const museum = `/api/${space}/charts?force`;
  return {
    put: () => registry.api(web(space), { method: 'PUT', body: chartForm(archive) }),
    'put with the provenance file': () => registry.api(web(space), { method: 'PUT', body: signed }),
    force: () => registry.request(museum, { method: 'POST', body: new Uint8Array(archive) }),
    'force in a form': () => registry.request(museum, { method: 'POST', body: form('chart') }),
    ...(provenance && {
      'the provenance file by itself': () =>
        registry.api(`${web(space)}/provenance`, { method: 'PUT', body: new Uint8Array(provenance) }),
      'the provenance file, forced': () =>
        registry.request(`/api/${space}/prov?force`, { method: 'POST', body: new Uint8Array(provenance) }),
    }),
  };
}

describe.each(['mutable', 'immutable'])(
  'identical bytes uploaded again to a space that is %s',
  (overwriting) => {
    it.each([false, true])(
      'identical bytes change nothing through any interface (with a provenance file: %s)',
      async (isSigned) => {
        const space = `${overwriting}-${isSigned ? 'signed' : 'plain'}`;
        const archive = await packChart({ name: 'web', values: { a: 1 } });
        const provenance = isSigned ? sign(archive) : undefined;
        await registry.upload(space, archive);
        const doors = doorsOf(space, archive, provenance);
        if (provenance) expect((await doors['put with the provenance file']()).status).toBe(200);
        await setOverwriting(space, overwriting);
        // The first read writes the manifest, so it must happen before the comparison.
        await registry.request(`/v2/${space}/web/manifests/1.0.0`);
        const before = await stateOf(space);
        for (const [door, send] of Object.entries(doors)) {
          expect([200, 201, 204], door).toContain((await send()).status);
          expect(await stateOf(space), door).toEqual(before);
        }
      },
    );

    it('identical bytes change nothing when they are pushed', async () => {
      const space = `${overwriting}-pushed`;
      const archive = await packChart({ name: 'web', values: { a: 1 } });
      const repository = openRepository(registry, `${space}/web`);
      const { body } = await repository.pushChart(archive, '1.0.0');
      await setOverwriting(space, overwriting);
      const before = await stateOf(space);
      expect((await repository.put('1.0.0', body)).status).toBe(201);
      expect((await repository.pushChart(archive, '1.0.0')).response.status).toBe(201);
      expect(await stateOf(space)).toEqual(before);
    });

    it('identical bytes do not end the lineage of a composed and rewritten version', async () => {
      const space = `${overwriting}-made`;
      await registry.upload('sources', { name: 'web', values: { a: 1 } });
      await registry.api(`/spaces?space=${space}`, { method: 'POST' });
      const composed = await registry.orchestrate(space, {
        save: { chart: 'web', version: '1.0.0' },
        configs: { package: { independent: true, space: 'sources', chart: 'web', version: '1.0.0' } },
      });
      expect(composed.status).toBe(201);
      const path = `${web(space)}/manifests/values`;
      const values = () => registry.api(path, { method: 'PUT', body: '{"a":2}' });
      expect((await values()).status).toBe(200);
      const archive = Buffer.from(await (await registry.api(web(space))).arrayBuffer());
      await setOverwriting(space, overwriting);
      const before = await stateOf(space);
      expect(before.lineage).toMatchObject({ modified: true });
      for (const send of [...Object.values(doorsOf(space, archive)), values])
        expect([200, 201]).toContain((await send()).status);
      expect(await stateOf(space)).toEqual(before);
    });
  },
);

it('a push of the same archive by another manifest moves the tag, and nothing else', async () => {
  const archive = await packChart({ name: 'web', values: { a: 1 } });
  await registry.upload('moved', archive);
  const before = await stateOf('moved');
  const repository = openRepository(registry, 'moved/web');
  const pushed = await repository.pushChart(archive, '1.0.0', { note: 'another' });
  expect(pushed.response.status).toBe(201);
  expect(await stateOf('moved')).toEqual({ ...before, manifest: pushed.digest });
});

it('a new provenance file leaves the creation time of its version', async () => {
  const archive = await packChart({ name: 'web', values: { a: 1 } });
  await registry.upload('late', archive);
  const before = await stateOf('late');
  const { put, 'put with the provenance file': sign1 } = doorsOf('late', archive, sign(archive));
  expect((await sign1()).status).toBe(200);
  expect((await put()).status).toBe(200);
  const after = await stateOf('late');
  const entriesOf = ({ index }: typeof after) => index.slice(index.indexOf('"entries"'), index.indexOf(']}'));
  expect(entriesOf(after)).toBe(entriesOf(before));
  expect(entriesOf(after)).toContain('"created"');
  expect(after.modified).toBe(before.modified);
  expect((await registry.api(`${web('late')}/provenance`)).status).toBe(200);
});
