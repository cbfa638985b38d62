import { afterAll, beforeAll, expect, it } from 'vitest';
import { digest, openRepository } from '../support/oci.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({ s3Redirect: true, access: 'open' }, { worker: false });
});
afterAll(() => registry.close());

it('a blob is redirected to the object store with S3_REDIRECT, whole and in part', async () => {
  const repository = openRepository(registry, 'lib/any');
  await repository.pushBlob('hello');
  const path = `blobs/${digest('hello')}`;
  const redirect = await repository.call(path, { redirect: 'manual' });
  expect([redirect.status, redirect.headers.get('docker-content-digest')]).toEqual([307, digest('hello')]);
  expect(await (await repository.call(path)).text()).toBe('hello');
  const part = await repository.call(path, { headers: { Range: 'bytes=1-2' } });
  expect([part.status, await part.text()]).toEqual([206, 'el']);
  expect((await repository.call(path, { method: 'HEAD', redirect: 'manual' })).status).toBe(200);
});
