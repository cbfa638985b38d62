import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digest, openRepository, problemOf } from '../support/oci.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({ limitBlob: 3_000_000 }, { worker: false });
});
afterAll(() => registry.close());

let counter = 0;
/** A repository that nobody else uses. */
const fresh = () => {
  counter += 1;
  return openRepository(registry, `blobs/repo${counter}`);
};
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer()).toString();

describe('/v2/', () => {
  it('says that this is a registry, with and without the slash, to GET and HEAD', async () => {
    for (const path of ['/v2/', '/v2']) {
      for (const method of ['GET', 'HEAD']) {
        const response = await registry.request(path, { method });
        expect(response.status).toBe(200);
        expect(response.headers.get('docker-distribution-api-version')).toBe('registry/2.0');
      }
    }
  });

  it('answers in its own format where there is nothing, and where a method is not taken', async () => {
    expect(await problemOf(await registry.request('/v2/lib/web/nothing'))).toMatchObject({
      status: 404,
      code: 'UNSUPPORTED',
    });
    const refused = await registry.request('/v2/lib/web/tags/list', { method: 'POST' });
    expect(refused.headers.get('allow')).toBe('GET');
    expect(await problemOf(refused)).toMatchObject({ status: 405, code: 'UNSUPPORTED' });
  });

  it.each(['alone', 'Lib/web', 'lib/We', 'a.b/web', 'lib/-web', 'lib/web//x', `lib/${'a'.repeat(260)}`])(
    'refuses %s as a repository',
    async (name) => {
      const response = await registry.request(`/v2/${name}/blobs/uploads/`, { method: 'POST' });
      expect(await problemOf(response)).toMatchObject({ status: 400, code: 'NAME_INVALID' });
    },
  );
});

describe('a blob', () => {
  it('is there once it was sent in one request, in this repository and in no other', async () => {
    const [here, elsewhere] = [fresh(), fresh()];
    const sent = await here.pushBlob('hello');
    expect(sent.status).toBe(201);
    expect(sent.headers.get('location')).toBe(`/v2/${here.name}/blobs/${digest('hello')}`);
    expect(sent.headers.get('docker-content-digest')).toBe(digest('hello'));
    expect(await bytesOf(await here.call(`blobs/${digest('hello')}`))).toBe('hello');
    expect(await problemOf(await elsewhere.call(`blobs/${digest('hello')}`))).toMatchObject({
      status: 404,
      code: 'BLOB_UNKNOWN',
    });
  });

  it('says its size and digest to HEAD, and sends nothing', async () => {
    const repository = fresh();
    await repository.pushBlob('four');
    const head = await repository.call(`blobs/${digest('four')}`, { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.headers.get('content-length')).toBe('4');
    expect(head.headers.get('docker-content-digest')).toBe(digest('four'));
    expect(await bytesOf(head)).toBe('');
  });

  it('can be empty', async () => {
    const repository = fresh();
    expect((await repository.pushBlob('')).status).toBe(201);
    const got = await repository.call(`blobs/${digest('')}`);
    expect([got.status, await bytesOf(got)]).toEqual([200, '']);
  });

  it('can be named by sha512, however it comes', async () => {
    const repository = fresh();
    const named = digest('by another name', 'sha512');
    expect((await repository.pushBlob('by another name', named)).status).toBe(201);
    const inChunks = digest('one two', 'sha512');
    const location = await repository.begin();
    await repository.patch(location, 'one ');
    await repository.patch(location, 'two');
    expect((await repository.finish(location, inChunks)).status).toBe(201);
    expect(await bytesOf(await repository.call(`blobs/${named}`))).toBe('by another name');
    expect(await bytesOf(await repository.call(`blobs/${inChunks}`))).toBe('one two');
  });

  it.each([
    ['bytes=1-2', 206, 'el', 'bytes 1-2/5'],
    ['bytes=3-', 206, 'lo', 'bytes 3-4/5'],
    ['bytes=-2', 206, 'lo', 'bytes 3-4/5'],
    ['bytes=3-99', 206, 'lo', 'bytes 3-4/5'],
    ['bytes=0-0,2-3', 200, 'hello', null],
    ['lines=1-2', 200, 'hello', null],
  ])('answers Range: %s with %i', async (range, status, body, contentRange) => {
    const repository = fresh();
    await repository.pushBlob('hello');
    const part = await repository.call(`blobs/${digest('hello')}`, { headers: { Range: range } });
    expect([part.status, await bytesOf(part), part.headers.get('content-range')]).toEqual([
      status,
      body,
      contentRange,
    ]);
  });

  it.each(['bytes=5-', 'bytes=4-1', 'bytes=-0'])('refuses Range: %s', async (range) => {
    const repository = fresh();
    await repository.pushBlob('hello');
    const refused = await repository.call(`blobs/${digest('hello')}`, { headers: { Range: range } });
    expect(refused.headers.get('content-range')).toBe('bytes */5');
    expect(await problemOf(refused)).toMatchObject({ status: 416, code: 'SIZE_INVALID' });
  });

  it('is gone at once when it is deleted, and can come again', async () => {
    const repository = fresh();
    await repository.pushBlob('short-lived');
    const path = `blobs/${digest('short-lived')}`;
    expect((await repository.remove(path)).status).toBe(202);
    expect((await repository.call(path)).status).toBe(404);
    expect((await repository.remove(path)).status).toBe(404);
    expect((await repository.pushBlob('short-lived')).status).toBe(201);
    expect((await repository.call(path)).status).toBe(200);
  });

  it.each(['sha256:short', `sha256:${'A'.repeat(64)}`, `md5:${'0'.repeat(32)}`, 'nonsense'])(
    'is not asked for by %s',
    async (name) => {
      const repository = fresh();
      expect(await problemOf(await repository.call(`blobs/${name}`))).toMatchObject({
        status: 400,
        code: 'DIGEST_INVALID',
      });
    },
  );

  it('that is refused before it is read leaves its sender the answer', async () => {
    const repository = fresh();
    const large = Buffer.alloc(2_900_000);
    for (const path of ['blobs/uploads/?digest=sha256:short', 'blobs/uploads/none', 'nothing/here']) {
      const method = path.includes('?') ? 'POST' : 'PATCH';
      const response = await repository.call(path, { method, body: new Uint8Array(large) });
      expect((await problemOf(response)).status).toBe(path.includes('?') ? 400 : 404);
    }
  });

  it('is not taken where its digest is another, or it is too large', async () => {
    const repository = fresh();
    expect(await problemOf(await repository.pushBlob('these bytes', digest('others')))).toMatchObject({
      status: 400,
      code: 'DIGEST_INVALID',
    });
    expect((await repository.call(`blobs/${digest('others')}`)).status).toBe(404);
    const large = Buffer.alloc(3_000_001);
    expect(await problemOf(await repository.pushBlob(large))).toMatchObject({
      status: 413,
      code: 'SIZE_INVALID',
    });
  });
});

describe('mounting', () => {
  it('makes a blob of another repository one of this, which stays when the other lets go of it', async () => {
    const [source, target] = [fresh(), fresh()];
    await source.pushBlob('shared');
    const mount = (query: string) => target.call(`blobs/uploads/?${query}`, { method: 'POST' });
    const mounted = await mount(`mount=${digest('shared')}&from=${source.name}`);
    expect(mounted.status).toBe(201);
    expect(mounted.headers.get('location')).toBe(`/v2/${target.name}/blobs/${digest('shared')}`);
    await source.remove(`blobs/${digest('shared')}`);
    expect(await bytesOf(await target.call(`blobs/${digest('shared')}`))).toBe('shared');
  });

  it('finds the blob by itself where no repository is named', async () => {
    const [source, target] = [fresh(), fresh()];
    await source.pushBlob('anywhere');
    const mounted = await target.call(`blobs/uploads/?mount=${digest('anywhere')}`, { method: 'POST' });
    expect(mounted.status).toBe(201);
  });

  it('begins an upload where there is no such blob', async () => {
    const target = fresh();
    const uploading = await target.call(`blobs/uploads/?mount=${digest('nowhere')}&from=blobs/other`, {
      method: 'POST',
    });
    expect(uploading.status).toBe(202);
    expect(
      (await target.finish(uploading.headers.get('location') ?? '', digest('nowhere'), 'nowhere')).status,
    ).toBe(201);
  });

  it('takes the archive of a chart that was uploaded', async () => {
    await registry.upload('blobs', { name: 'web' });
    const archive = await bytesOfArchive('/spaces/blobs/charts/web/versions/1.0.0');
    const target = fresh();
    const mounted = await target.call(`blobs/uploads/?mount=${digest(archive)}&from=blobs/web`, {
      method: 'POST',
    });
    expect(mounted.status).toBe(201);
  });
});

async function bytesOfArchive(path: string): Promise<Buffer> {
  return Buffer.from(await (await registry.api(path)).arrayBuffer());
}

describe('an upload in chunks', () => {
  it('takes each chunk by whichever API it reaches, and says how far it is', async () => {
    const repository = fresh();
    const location = await repository.begin();
    expect((await registry.request(location)).headers.get('range')).toBe('0-0');
    const first = await repository.patch(location, 'abcd', '0-3');
    expect([first.status, first.headers.get('range')]).toEqual([202, '0-3']);
    expect(first.headers.get('location')).toBe(location);
    const second = await repository.patch(location, 'efg');
    expect(second.headers.get('range')).toBe('0-6');
    const state = await registry.request(location);
    expect([state.status, state.headers.get('range')]).toEqual([204, '0-6']);
    expect((await repository.finish(location, digest('abcdefgh'), 'h', '7-7')).status).toBe(201);
    expect(await bytesOf(await repository.call(`blobs/${digest('abcdefgh')}`))).toBe('abcdefgh');
    expect(await problemOf(await registry.request(location))).toMatchObject({
      status: 404,
      code: 'BLOB_UPLOAD_UNKNOWN',
    });
  });

  it.each(['PATCH', 'PUT'] as const)('refuses a %s out of order, and goes on after it', async (method) => {
    const repository = fresh();
    const location = await repository.begin();
    await repository.patch(location, 'abcd', '0-3');
    for (const range of ['5-6', '0-1']) {
      const refused =
        method === 'PATCH'
          ? await repository.patch(location, 'xy', range)
          : await repository.finish(location, digest('abcdef'), 'xy', range);
      expect(await problemOf(refused)).toMatchObject({ status: 416, code: 'BLOB_UPLOAD_INVALID' });
    }
    expect((await registry.request(location)).headers.get('range')).toBe('0-3');
    expect((await repository.finish(location, digest('abcdef'), 'ef', '4-5')).status).toBe(201);
  });

  it('refuses a chunk of another length than it says', async () => {
    const repository = fresh();
    const location = await repository.begin();
    expect(await problemOf(await repository.patch(location, 'abc', '0-9'))).toMatchObject({
      status: 400,
      code: 'BLOB_UPLOAD_INVALID',
    });
    expect(await problemOf(await repository.patch(location, 'abc', 'from the start'))).toMatchObject({
      status: 400,
    });
  });

  it('ends when its digest proves wrong, and leaves no blob', async () => {
    const repository = fresh();
    const location = await repository.begin();
    await repository.patch(location, 'these');
    await repository.patch(location, ' bytes');
    expect(await problemOf(await repository.finish(location, digest('others')))).toMatchObject({
      status: 400,
      code: 'DIGEST_INVALID',
    });
    expect((await registry.request(location)).status).toBe(404);
    expect((await repository.call(`blobs/${digest('these bytes')}`)).status).toBe(404);
  });

  it('can be given up', async () => {
    const repository = fresh();
    const location = await repository.begin();
    await repository.patch(location, 'never mind');
    expect((await registry.request(location, { method: 'DELETE' })).status).toBe(204);
    expect((await registry.request(location, { method: 'DELETE' })).status).toBe(404);
    expect(await problemOf(await repository.patch(location, 'more'))).toMatchObject({
      code: 'BLOB_UPLOAD_UNKNOWN',
    });
  });

  it('has its limit as a whole', async () => {
    const repository = fresh();
    const location = await repository.begin();
    await repository.patch(location, Buffer.alloc(2_000_000));
    expect(await problemOf(await repository.patch(location, Buffer.alloc(1_000_001)))).toMatchObject({
      status: 413,
      code: 'SIZE_INVALID',
    });
    expect((await repository.patch(location, Buffer.alloc(1_000_000))).status).toBe(202);
  });

  it('is not known to another repository', async () => {
    const [repository, other] = [fresh(), fresh()];
    const location = (await repository.begin()).replace(repository.name, other.name);
    expect((await registry.request(location)).status).toBe(404);
  });

  it('leaves no file where uploads wait', async () => {
    const repository = fresh();
    const location = await repository.begin();
    await repository.patch(location, Buffer.alloc(600_000, 'a'));
    await repository.finish(location, digest(Buffer.alloc(600_000, 'a')));
    expect(await registry.drafts()).toEqual([]);
  });
});

describe('a space that must be made first', () => {
  it('takes nothing before that', async () => {
    const strict = await startRegistry({ autoCreateSpaces: false }, { worker: false });
    try {
      const repository = openRepository(strict, 'lib/any');
      expect(await problemOf(await repository.pushBlob('x'))).toMatchObject({
        status: 404,
        code: 'NAME_UNKNOWN',
      });
      expect(await problemOf(await repository.call('blobs/uploads/', { method: 'POST' }))).toMatchObject({
        status: 404,
      });
      await strict.api('/spaces?space=lib', { method: 'POST' });
      expect((await repository.pushBlob('x')).status).toBe(201);
    } finally {
      await strict.close();
    }
  });
});
