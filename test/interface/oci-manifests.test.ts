import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  chartTypes,
  descriptor,
  digest,
  imageType,
  indexOf,
  indexType,
  openRepository,
  problemOf,
  tagsOf,
} from '../support/oci.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({}, { worker: false });
});
afterAll(() => registry.close());

let counter = 0;
const fresh = (below = '') => {
  counter += 1;
  return openRepository(registry, `art/repo${counter}${below}`);
};
const empty = descriptor('application/vnd.oci.empty.v1+json', '{}');
const image = (fields: object = {}) =>
  JSON.stringify({ schemaVersion: 2, mediaType: imageType, config: empty, layers: [], ...fields });

describe('a manifest', () => {
  it('a manifest is served byte for byte by tag and by digest, to GET and HEAD, with its media type', async () => {
    const repository = fresh('/deeper/still');
    const {
      body,
      digest: name,
      response,
    } = await repository.pushArtifact('v1', 'layer', { unknown: { field: 1 } });
    expect(response.status).toBe(201);
    expect(response.headers.get('location')).toBe(`/v2/${repository.name}/manifests/${name}`);
    for (const reference of ['v1', name]) {
      const got = await repository.call(`manifests/${reference}`);
      expect([got.status, await got.text()]).toEqual([200, body]);
      expect(got.headers.get('content-type')).toBe(imageType);
      const head = await repository.call(`manifests/${reference}`, { method: 'HEAD' });
      expect(head.headers.get('content-length')).toBe(String(body.length));
      expect(head.headers.get('docker-content-digest')).toBe(name);
      expect(await head.text()).toBe('');
    }
  });

  it('a manifest keeps its white space, and is accepted without a media type', async () => {
    const repository = fresh();
    await repository.pushBlob('{}');
    const spaced = `${JSON.stringify({ schemaVersion: 2, config: empty, layers: [] }, null, 4)}\n`;
    const put = await repository.call('manifests/spaced', { method: 'PUT', body: spaced });
    // `fetch` sends a text as text/plain, which is not a media type of a manifest.
    expect(await problemOf(put)).toMatchObject({ status: 400, code: 'MANIFEST_INVALID' });
    expect((await repository.put('spaced', spaced, '')).status).toBe(201);
    expect(await (await repository.call('manifests/spaced')).text()).toBe(spaced);
  });

  it('a manifest keeps the media type of its first push', async () => {
    const repository = fresh();
    await repository.pushBlob('{}');
    const untyped = image({ mediaType: undefined });
    await repository.put('v1', untyped);
    const docker = 'application/vnd.docker.distribution.manifest.v2+json';
    expect((await repository.put(digest(untyped), untyped, docker)).status).toBe(201);
    expect((await repository.call('manifests/v1')).headers.get('content-type')).toBe(imageType);
  });

  it('a manifest may have any text in its annotations', async () => {
    const repository = fresh();
    await repository.pushBlob('{}');
    const subject = descriptor(imageType, 'annotated');
    // In JSON half of a surrogate pair can only be written as an escape.
    const body = image({ subject, annotations: { slash: '\\u0000', nul: 'a\0b', half: '@' } }).replace(
      '@',
      '\\ud800',
    );
    expect((await repository.put('any', body)).status).toBe(201);
    expect(await (await repository.call('manifests/any')).text()).toBe(body);
    const { manifests } = await indexOf(await repository.call(`referrers/${subject.digest}`));
    expect(manifests.map(({ annotations }) => annotations)).toEqual([
      { slash: '\\u0000', nul: 'a\ufffdb', half: '\ufffd' },
    ]);
  });

  it('a manifest can be put by its sha512 digest', async () => {
    const repository = fresh();
    await repository.pushBlob('{}');
    const name = digest(image(), 'sha512');
    expect((await repository.put(name, image())).status).toBe(201);
    expect((await repository.call(`manifests/${name}`)).headers.get('docker-content-digest')).toBe(name);
  });

  it('a manifest put by digest can get several tags', async () => {
    const repository = fresh();
    await repository.pushBlob('{}');
    const put = await repository.put(`${digest(image())}?tag=one&tag=two`, image());
    expect([put.status, put.headers.get('oci-tag')]).toEqual([201, 'one, two']);
    expect(await tagsOf(await repository.call('tags/list'))).toEqual(['one', 'two']);
  });

  it('a manifest gets as many tags as a request can name, all of them or none', async () => {
    const repository = fresh();
    await repository.pushBlob('{}');
    const tags = Array.from({ length: 1_200 }, (_, number) => `t${number}`);
    const put = await repository.put(`${digest(image())}?tag=${tags.join('&tag=')}`, image());
    expect(put.status).toBe(201);
    const first = await tagsOf(await repository.call('tags/list'));
    const rest = await tagsOf(await repository.call(`tags/list?last=${first.at(-1)}`));
    expect([...first, ...rest]).toEqual([...tags].sort());
    await registry.upload('many', { name: 'tagged', version: '2.0.0' });
    const chart = openRepository(registry, 'many/tagged');
    await chart.pushBlob('{}');
    const refused = await chart.put(`${digest(image())}?tag=one&tag=2.0.0&tag=1.0.0`, image());
    expect(await problemOf(refused)).toMatchObject({
      status: 409,
      message: expect.stringContaining('2.0.0'),
    });
    expect(await tagsOf(await chart.call('tags/list'))).toEqual(['2.0.0']);
    expect((await chart.put(`${digest(image())}?tag=one&tag=1.0.0`, image())).status).toBe(201);
    expect(await tagsOf(await chart.call('tags/list'))).toEqual(['1.0.0', '2.0.0', 'one']);
  });

  it('an invalid manifest is refused with the fault in the message', async () => {
    const repository = fresh();
    await repository.pushBlob('{}');
    for (const [body, type, fault] of [
      ['{', imageType, 'not JSON'],
      ['[]', imageType, 'expected object'],
      [image({ schemaVersion: 1 }), imageType, 'schemaVersion'],
      [image({ config: undefined }), imageType, 'config'],
      [image({ layers: [{ ...empty, digest: 'sha256:0' }] }), imageType, 'layers.0.digest'],
      [image(), indexType, 'must be the same'],
      [image({ mediaType: undefined }), indexType, 'config'],
      [image({ manifests: [] }), imageType, 'manifests'],
      [JSON.stringify({ schemaVersion: 2 }), 'application/json', 'not stored here'],
    ] as const) {
      const problem = await problemOf(await repository.put('bad', body, type));
      expect(problem).toMatchObject({ status: 400, code: 'MANIFEST_INVALID' });
      expect(problem.message).toContain(fault);
    }
    expect(await problemOf(await repository.put(digest('other'), image()))).toMatchObject({
      status: 400,
      code: 'DIGEST_INVALID',
    });
    expect(await problemOf(await repository.put('.hidden', image()))).toMatchObject({ status: 400 });
    const large = image({ annotations: { a: 'x'.repeat(4 * 1024 * 1024) } });
    expect((await repository.put('large', large)).status).toBe(413);
  });

  it('a manifest with missing blobs is refused, unless they are foreign layers', async () => {
    const repository = fresh();
    await repository.pushBlob('{}');
    const missing = descriptor('application/octet-stream', 'missing');
    expect(await problemOf(await repository.put('v1', image({ layers: [missing] })))).toMatchObject({
      status: 400,
      code: 'MANIFEST_BLOB_UNKNOWN',
    });
    const elsewhere = [
      { ...missing, urls: ['https://elsewhere.example/blob'] },
      { ...missing, mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip' },
    ];
    expect((await repository.put('v1', image({ layers: elsewhere }))).status).toBe(201);
    const index = { schemaVersion: 2, mediaType: indexType, manifests: [descriptor(imageType, 'missing')] };
    expect(await problemOf(await repository.put('all', JSON.stringify(index), indexType))).toMatchObject({
      code: 'MANIFEST_BLOB_UNKNOWN',
    });
  });

  it('a manifest that is put again keeps foreign layers that its repository has got meanwhile', async () => {
    const repository = fresh();
    await repository.pushBlob('{}');
    const layer = descriptor('application/octet-stream', 'foreign', {
      urls: ['https://elsewhere.example/blob'],
    });
    const body = image({ layers: [layer] });
    expect((await repository.put(digest(body), body)).status).toBe(201);
    await repository.pushBlob('foreign');
    expect((await repository.put(digest(body), body)).status).toBe(201);
    expect((await repository.remove(`blobs/${layer.digest}`)).status).toBe(405);
    expect((await repository.call(`blobs/${layer.digest}`)).status).toBe(200);
  });

  it('the blobs of a manifest cannot be deleted before the manifest', async () => {
    const repository = fresh();
    const { digest: name } = await repository.pushArtifact('v1', 'kept');
    expect(await problemOf(await repository.remove(`blobs/${digest('kept')}`))).toMatchObject({
      status: 405,
      code: 'UNSUPPORTED',
    });
    await repository.remove(`manifests/${name}`);
    expect((await repository.remove(`blobs/${digest('kept')}`)).status).toBe(202);
  });

  it('a manifest survives the deletion of one tag, and is deleted with all its tags', async () => {
    const repository = fresh();
    const { body, digest: name } = await repository.pushArtifact('one', 'tagged');
    await repository.put('two', body);
    expect((await repository.remove('manifests/one')).status).toBe(202);
    expect(await problemOf(await repository.call('manifests/one'))).toMatchObject({
      status: 404,
      code: 'MANIFEST_UNKNOWN',
    });
    expect((await repository.call(`manifests/${name}`)).status).toBe(200);
    expect((await repository.remove(`manifests/${name}`)).status).toBe(202);
    expect((await repository.call('manifests/two')).status).toBe(404);
    expect(await tagsOf(await repository.call('tags/list'))).toEqual([]);
    expect((await repository.remove(`manifests/${name}`)).status).toBe(404);
  });

  it('a manifest whose tag has moved is still served by digest', async () => {
    const repository = fresh();
    const first = await repository.pushArtifact('moving', 'a');
    const second = await repository.pushArtifact('moving', 'b');
    expect(await (await repository.call('manifests/moving')).text()).toBe(second.body);
    expect(await (await repository.call(`manifests/${first.digest}`)).text()).toBe(first.body);
  });

  it('a manifest is deleted with its space', async () => {
    const repository = openRepository(registry, 'gone/any');
    await repository.pushArtifact('v1', 'goes');
    expect((await registry.api('/spaces/gone', { method: 'DELETE' })).status).toBe(204);
    expect((await repository.call('manifests/v1')).status).toBe(404);
    expect((await repository.call('tags/list')).status).toBe(404);
  });
});

describe('the list of tags', () => {
  it('the list of tags is in order of bytes, and links its next page', async () => {
    const repository = fresh();
    const { body } = await repository.pushArtifact('b', 'x');
    for (const tag of ['a', 'C', '_c', '1', 'b.1']) await repository.put(tag, body);
    expect(await tagsOf(await repository.call('tags/list'))).toEqual(['1', 'C', '_c', 'a', 'b', 'b.1']);
    const pages: string[][] = [];
    let next: string | undefined = `/v2/${repository.name}/tags/list?n=4`;
    while (next !== undefined) {
      const page: Response = await registry.request(next);
      pages.push(await tagsOf(page));
      next = /^<(.+)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1];
    }
    expect(pages).toEqual([
      ['1', 'C', '_c', 'a'],
      ['b', 'b.1'],
    ]);
    expect(await tagsOf(await repository.call('tags/list?n=0'))).toEqual([]);
    expect(await tagsOf(await repository.call('tags/list?last=a'))).toEqual(['b', 'b.1']);
    expect((await repository.call('tags/list?n=some')).status).toBe(400);
    expect((await repository.call('tags/list?last=%00')).status).toBe(400);
  });

  it('the list of tags of a missing repository is 404', async () => {
    expect(await problemOf(await fresh().call('tags/list'))).toMatchObject({
      status: 404,
      code: 'NAME_UNKNOWN',
    });
  });
});

describe('referrers', () => {
  const about = (subject: string, fields: object = {}) => ({
    subject: { ...descriptor(imageType, 'x'), digest: subject },
    ...fields,
  });

  it('referrers are listed with type and annotations, and can be filtered by type', async () => {
    const repository = fresh();
    const subject = await repository.pushArtifact('v1', 'subject');
    const signature = await repository.pushArtifact(undefined, 'signature', {
      ...about(subject.digest),
      artifactType: 'application/x.signature',
      annotations: { by: 'me' },
    });
    expect(signature.response.headers.get('oci-subject')).toBe(subject.digest);
    const bill = await repository.pushArtifact(undefined, 'bill', about(subject.digest));
    const all = await repository.call(`referrers/${subject.digest}`);
    expect(all.headers.get('content-type')).toBe(indexType);
    const { manifests } = await indexOf(all);
    expect(manifests).toHaveLength(2);
    expect(manifests).toContainEqual({
      mediaType: imageType,
      digest: signature.digest,
      size: signature.body.length,
      artifactType: 'application/x.signature',
      annotations: { by: 'me' },
    });
    // Without `artifactType` the type of a manifest is the media type of its configuration.
    const rest = await repository.call(
      `referrers/${subject.digest}?artifactType=${encodeURIComponent(empty.mediaType)}`,
    );
    expect(rest.headers.get('oci-filters-applied')).toBe('artifactType');
    expect((await indexOf(rest)).manifests.map((found) => found.digest)).toEqual([bill.digest]);
    for (const query of ['artifactType=%00', 'last=%00'])
      expect((await repository.call(`referrers/${subject.digest}?${query}`)).status).toBe(400);
  });

  it('referrers may be pushed before their subject, and outlive it', async () => {
    const repository = fresh();
    const body = image({ annotations: { late: 'yes' } });
    const early = await repository.pushArtifact(undefined, 'early', about(digest(body)));
    expect((await indexOf(await repository.call(`referrers/${digest(body)}`))).manifests).toHaveLength(1);
    await repository.put('v1', body);
    await repository.remove(`manifests/${digest(body)}`);
    expect((await indexOf(await repository.call(`referrers/${digest(body)}`))).manifests[0]?.digest).toBe(
      early.digest,
    );
    await repository.remove(`manifests/${early.digest}`);
    expect((await indexOf(await repository.call(`referrers/${digest(body)}`))).manifests).toEqual([]);
  });

  it('referrers in a missing repository are an empty list, and of a bad digest refused', async () => {
    const repository = fresh();
    expect((await indexOf(await repository.call(`referrers/${digest('x')}`))).manifests).toEqual([]);
    expect(await problemOf(await repository.call('referrers/latest'))).toMatchObject({
      code: 'DIGEST_INVALID',
    });
  });

  it('referrers are listed in pages', async () => {
    const repository = fresh();
    await repository.pushBlob('{}');
    const subject = digest('subject of many');
    const bodies = Array.from({ length: 130 }, (_, number) =>
      image({ annotations: { number: String(number) }, ...about(subject) }),
    );
    for (let at = 0; at < bodies.length; at += 10)
      await Promise.all(bodies.slice(at, at + 10).map((body) => repository.put(digest(body), body)));
    const found: string[] = [];
    let next: string | undefined = `/v2/${repository.name}/referrers/${subject}`;
    while (next !== undefined) {
      const page: Response = await registry.request(next);
      found.push(...(await indexOf(page)).manifests.map((item) => item.digest));
      next = /^<(.+)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1];
    }
    expect(found).toEqual(bodies.map((body) => digest(body)).sort());
  });

  it('referrers by tag, of clients without the referrers API, are stored like other artifacts', async () => {
    const repository = fresh();
    const subject = await repository.pushArtifact('v1', 'signed');
    const tag = `${subject.digest.replace(':', '-')}.sig`;
    expect((await repository.pushArtifact(tag, 'signature')).response.status).toBe(201);
    const index = JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: [] });
    expect((await repository.put(subject.digest.replace(':', '-'), index, indexType)).status).toBe(201);
    expect(await tagsOf(await repository.call('tags/list'))).toContain(tag);
  });
});

describe('a chart that is no version', () => {
  it('a chart pushed below the first level is refused, or stored as an artifact and no version', async () => {
    const body = image({
      config: descriptor(chartTypes.config, '{}'),
      layers: [descriptor(chartTypes.archive, 'archive')],
    });
    const push = async (to: TestRegistry) => {
      const repository = openRepository(to, 'art/team/web');
      await Promise.all([repository.pushBlob('{}'), repository.pushBlob('archive')]);
      return { repository, status: (await repository.put('1.0.0', body)).status };
    };
    const refused = await push(registry);
    expect(refused.status).toBe(400);
    expect((await refused.repository.call('manifests/1.0.0')).status).toBe(404);
    const storing = await startRegistry({ nestedCharts: 'store' }, { worker: false });
    onTestFinished(() => storing.close());
    const { repository, status } = await push(storing);
    expect(status).toBe(201);
    expect(await (await repository.call('manifests/1.0.0')).text()).toBe(body);
    expect((await storing.api('/spaces/art/charts/web/versions')).status).toBe(404);
  });
});
