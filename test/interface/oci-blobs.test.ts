import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { digest, openRepository, problemOf } from '../support/oci.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({ limitBlob: 3_000_000 }, { worker: false });
});
afterAll(() => registry.close());

let counter = 0;
/** Opens a repository that no other test uses. */
const fresh = () => {
  counter += 1;
  return openRepository(registry, `blobs/repo${counter}`);
};
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer()).toString();

describe('/v2/', () => {
  it('/v2/ announces an OCI registry, with and without the slash, to GET and HEAD', async () => {
    for (const path of ['/v2/', '/v2']) {
      for (const method of ['GET', 'HEAD']) {
        const response = await registry.request(path, { method });
        expect(response.status).toBe(200);
        expect(response.headers.get('docker-distribution-api-version')).toBe('registry/2.0');
      }
    }
  });

  it('an unknown path and an unknown method below /v2/ are refused in the format of OCI', async () => {
    expect(await problemOf(await registry.request('/v2/lib/web/nothing'))).toMatchObject({
      status: 404,
      code: 'UNSUPPORTED',
    });
    const refused = await registry.request('/v2/lib/web/tags/list', { method: 'POST' });
    expect(refused.headers.get('allow')).toBe('GET');
    expect(await problemOf(refused)).toMatchObject({ status: 405, code: 'UNSUPPORTED' });
  });

  it.each(['alone', 'Lib/web', 'lib/We', 'a.b/web', 'lib/-web', 'lib/web//x', `lib/${'a'.repeat(260)}`])(
    'the repository name %s is refused',
    async (name) => {
      const response = await registry.request(`/v2/${name}/blobs/uploads/`, { method: 'POST' });
      expect(await problemOf(response)).toMatchObject({ status: 400, code: 'NAME_INVALID' });
    },
  );
});

describe('a blob', () => {
  it('a blob pushed in one request is in its repository and in no other', async () => {
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

  it('HEAD of a blob has size and digest, and no body', async () => {
    const repository = fresh();
    await repository.pushBlob('four');
    const head = await repository.call(`blobs/${digest('four')}`, { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.headers.get('content-length')).toBe('4');
    expect(head.headers.get('docker-content-digest')).toBe(digest('four'));
    expect(await bytesOf(head)).toBe('');
  });

  it('a blob can be empty', async () => {
    const repository = fresh();
    expect((await repository.pushBlob('')).status).toBe(201);
    const got = await repository.call(`blobs/${digest('')}`);
    expect([got.status, await bytesOf(got)]).toEqual([200, '']);
  });

  it('a blob can have a sha512 digest, pushed in one request or in chunks', async () => {
    const repository = fresh();
    const named = digest('other digest', 'sha512');
    expect((await repository.pushBlob('other digest', named)).status).toBe(201);
    const inChunks = digest('one two', 'sha512');
    const location = await repository.begin();
    await repository.patch(location, 'one ');
    await repository.patch(location, 'two');
    expect((await repository.finish(location, inChunks)).status).toBe(201);
    expect(await bytesOf(await repository.call(`blobs/${named}`))).toBe('other digest');
    expect(await bytesOf(await repository.call(`blobs/${inChunks}`))).toBe('one two');
  });

  it.each([
    ['bytes=1-2', 206, 'el', 'bytes 1-2/5'],
    ['bytes=3-', 206, 'lo', 'bytes 3-4/5'],
    ['bytes=-2', 206, 'lo', 'bytes 3-4/5'],
    ['bytes=3-99', 206, 'lo', 'bytes 3-4/5'],
    ['bytes=0-0,2-3', 200, 'hello', null],
    ['lines=1-2', 200, 'hello', null],
  ])('a blob is answered to Range: %s with %i', async (range, status, body, contentRange) => {
    const repository = fresh();
    await repository.pushBlob('hello');
    const part = await repository.call(`blobs/${digest('hello')}`, { headers: { Range: range } });
    expect([part.status, await bytesOf(part), part.headers.get('content-range')]).toEqual([
      status,
      body,
      contentRange,
    ]);
  });

  it.each(['bytes=5-', 'bytes=4-1', 'bytes=-0'])('a blob is refused for Range: %s', async (range) => {
    const repository = fresh();
    await repository.pushBlob('hello');
    const refused = await repository.call(`blobs/${digest('hello')}`, { headers: { Range: range } });
    expect(refused.headers.get('content-range')).toBe('bytes */5');
    expect(await problemOf(refused)).toMatchObject({ status: 416, code: 'SIZE_INVALID' });
  });

  it('a deleted blob is gone immediately, and can be pushed again', async () => {
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
    'a blob is refused for the bad digest %s',
    async (name) => {
      const repository = fresh();
      expect(await problemOf(await repository.call(`blobs/${name}`))).toMatchObject({
        status: 400,
        code: 'DIGEST_INVALID',
      });
    },
  );

  it('a client reads the refusal of a blob that the server did not read', async () => {
    const repository = fresh();
    const large = Buffer.alloc(2_900_000);
    for (const path of ['blobs/uploads/?digest=sha256:short', 'blobs/uploads/none', 'nothing/here']) {
      const method = path.includes('?') ? 'POST' : 'PATCH';
      const response = await repository.call(path, { method, body: new Uint8Array(large) });
      expect((await problemOf(response)).status).toBe(path.includes('?') ? 400 : 404);
    }
  });

  it('a blob of another digest, or over the limit, is refused', async () => {
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
  it('a mounted blob stays when it is deleted from the repository it came from', async () => {
    const [source, target] = [fresh(), fresh()];
    await source.pushBlob('shared');
    const mount = (query: string) => target.call(`blobs/uploads/?${query}`, { method: 'POST' });
    const mounted = await mount(`mount=${digest('shared')}&from=${source.name}`);
    expect(mounted.status).toBe(201);
    expect(mounted.headers.get('location')).toBe(`/v2/${target.name}/blobs/${digest('shared')}`);
    await source.remove(`blobs/${digest('shared')}`);
    expect(await bytesOf(await target.call(`blobs/${digest('shared')}`))).toBe('shared');
  });

  it('a mount without a repository finds the blob in another one', async () => {
    const [source, target] = [fresh(), fresh()];
    await source.pushBlob('anywhere');
    const mounted = await target.call(`blobs/uploads/?mount=${digest('anywhere')}`, { method: 'POST' });
    expect(mounted.status).toBe(201);
  });

  it('a mount of a missing blob begins an upload', async () => {
    const target = fresh();
    const uploading = await target.call(`blobs/uploads/?mount=${digest('nowhere')}&from=blobs/other`, {
      method: 'POST',
    });
    expect(uploading.status).toBe(202);
    expect(
      (await target.finish(uploading.headers.get('location') ?? '', digest('nowhere'), 'nowhere')).status,
    ).toBe(201);
  });

  it('a mount takes the archive of an uploaded chart', async () => {
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
  it('an upload session takes its chunks on every API process, and reports its range', async () => {
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

  it.each(['PATCH', 'PUT'] as const)(
    'an upload session refuses a %s out of order, and continues after it',
    async (method) => {
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
    },
  );

  it('a chunk whose length differs from its range is refused', async () => {
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

  it('an upload session with a wrong digest ends without a blob', async () => {
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

  it('an upload session can be cancelled', async () => {
    const repository = fresh();
    const location = await repository.begin();
    await repository.patch(location, 'never mind');
    expect((await registry.request(location, { method: 'DELETE' })).status).toBe(204);
    expect((await registry.request(location, { method: 'DELETE' })).status).toBe(404);
    expect(await problemOf(await repository.patch(location, 'more'))).toMatchObject({
      code: 'BLOB_UPLOAD_UNKNOWN',
    });
  });

  it('an upload session has one limit for all its chunks', async () => {
    const repository = fresh();
    const location = await repository.begin();
    await repository.patch(location, Buffer.alloc(2_000_000));
    expect(await problemOf(await repository.patch(location, Buffer.alloc(1_000_001)))).toMatchObject({
      status: 413,
      code: 'SIZE_INVALID',
    });
    expect((await repository.patch(location, Buffer.alloc(1_000_000))).status).toBe(202);
  });

  it('the last chunk of an upload session counts toward the limit of all', async () => {
    const repository = fresh();
    const location = await repository.begin();
    const [first, last] = [Buffer.alloc(2_900_000, 'a'), Buffer.alloc(100_001, 'b')];
    await repository.patch(location, first);
    for (const as of [digest(last), digest(Buffer.concat([first, last]))])
      expect(await problemOf(await repository.finish(location, as, last))).toMatchObject({
        status: 413,
        code: 'SIZE_INVALID',
      });
    const rest = last.subarray(1);
    const whole = digest(Buffer.concat([first, rest]));
    expect((await repository.finish(location, whole, rest)).status).toBe(201);
  });

  it('the last chunk of an upload session is no blob by itself', async () => {
    const repository = fresh();
    const location = await repository.begin();
    await repository.patch(location, 'first and ');
    expect(await problemOf(await repository.finish(location, digest('the last'), 'the last'))).toMatchObject({
      status: 400,
      code: 'DIGEST_INVALID',
    });
    expect((await repository.call(`blobs/${digest('the last')}`)).status).toBe(404);
    expect((await registry.request(location)).status).toBe(404);
  });

  it('an upload session whose only chunk was empty takes a whole blob, and ends with it', async () => {
    const repository = fresh();
    const location = await repository.begin();
    expect((await repository.patch(location, '')).status).toBe(202);
    expect((await repository.finish(location, digest('whole'), 'whole')).status).toBe(201);
    expect(await bytesOf(await repository.call(`blobs/${digest('whole')}`))).toBe('whole');
    expect((await registry.request(location)).status).toBe(404);
  });

  it('an upload session is unknown to other repositories, and under a changed id', async () => {
    const [repository, other] = [fresh(), fresh()];
    const location = await repository.begin();
    const changeLast = location.endsWith('A') ? 'B' : 'A';
    for (const unknown of [
      location.replace(repository.name, other.name),
      location.replace(/.$/, changeLast),
      location.replace(/(?<=\/uploads\/)./, (first) => (first === 'f' ? 'e' : 'f')),
      location.replace(/\..*/, ''),
      `/v2/${repository.name}/blobs/uploads/${crypto.randomUUID()}`,
      `/v2/${repository.name}/blobs/uploads/none`,
    ]) {
      const answers = [
        await registry.request(unknown),
        await repository.patch(unknown, 'x'),
        await repository.finish(unknown, digest('x'), 'x'),
        await registry.request(unknown, { method: 'DELETE' }),
      ];
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    }
    expect((await repository.call(`blobs/${digest('x')}`)).status).toBe(404);
    expect((await registry.request(location)).headers.get('range')).toBe('0-0');
  });

  it('an upload session that is cancelled before its first chunk is unknown on every API process', async () => {
    const repository = fresh();
    const location = await repository.begin();
    expect((await registry.request(location, { method: 'DELETE' })).status).toBe(204);
    for (let process = 0; process < 2; process += 1) {
      expect((await registry.request(location)).status).toBe(404);
      expect((await repository.patch(location, 'more')).status).toBe(404);
      expect((await repository.finish(location, digest('more'), 'more')).status).toBe(404);
      expect((await registry.request(location, { method: 'DELETE' })).status).toBe(404);
    }
  });

  it('a finished upload session leaves no draft file', async () => {
    const repository = fresh();
    const location = await repository.begin();
    await repository.patch(location, Buffer.alloc(600_000, 'a'));
    await repository.finish(location, digest(Buffer.alloc(600_000, 'a')));
    await expect.poll(() => registry.drafts()).toEqual([]);
  });
});

describe('an upload in one PUT', () => {
  it('a PUT that is repeated on another API process is answered alike, and stores its own digest only', async () => {
    const repository = fresh();
    const location = await repository.begin();
    for (let process = 0; process < 3; process += 1)
      expect((await repository.finish(location, digest('whole'), 'whole')).status).toBe(201);
    expect(await bytesOf(await repository.call(`blobs/${digest('whole')}`))).toBe('whole');
    const other = await repository.finish(location, digest('other'), 'whole');
    expect(await problemOf(other)).toMatchObject({ status: 400, code: 'DIGEST_INVALID' });
    expect((await repository.call(`blobs/${digest('other')}`)).status).toBe(404);
    // A wrong digest ends the session.
    expect((await repository.finish(location, digest('whole'), 'whole')).status).toBe(404);
  });

  it('a PUT without the bytes of its digest is refused', async () => {
    const repository = fresh();
    await repository.pushBlob('there');
    const refused = await repository.finish(await repository.begin(), digest('there'));
    expect(await problemOf(refused)).toMatchObject({ status: 400, code: 'DIGEST_INVALID' });
  });

  it('a PUT that begins behind the start is refused, and the session goes on', async () => {
    const repository = fresh();
    const location = await repository.begin();
    const refused = await repository.finish(location, digest('abc'), 'abc', '1-3');
    expect(await problemOf(refused)).toMatchObject({ status: 416, code: 'BLOB_UPLOAD_INVALID' });
    expect((await repository.finish(location, digest('abc'), 'abc', '0-2')).status).toBe(201);
  });
});

describe('a space that must be made first', () => {
  it('a push into a space that does not exist is refused where spaces are not created automatically', async () => {
    const strict = await startRegistry({ autoCreateSpaces: false }, { worker: false });
    onTestFinished(() => strict.close());
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
  });
});
