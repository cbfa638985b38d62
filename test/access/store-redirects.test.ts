import { expect, it } from 'vitest';
import { startOnBucket } from '../support/bucket.ts';
import { packChart } from '../support/charts.ts';
import { createClient } from '../support/client.ts';
import { createPrincipals } from '../support/guarded.ts';
import { digest } from '../support/oci.ts';
import { isAvailable } from '../support/servers/program.ts';

const hasMinio = () => isAvailable('minio', ['--version']);

it.skipIf(!hasMinio()).each([
  ['the host of the registry sees no credentials: the registry sends the bytes', '', 200],
  ['another host gets redirects with credentials too', 'http://charts.example', 307],
])('a store on %s (left out without minio on the PATH)', async (_, publicUrl, expected) => {
  const { registry } = await startOnBucket(
    { access: 'guarded', s3Redirect: true, publicUrl },
    { worker: false },
  );
  const principals = createPrincipals(registry.db, registry.urls);
  await principals.addSpace('shown', 'public');
  const { client, text } = await principals.addToken(await principals.addUser('root', 'admin'));
  const archive = await packChart({ name: 'web' });
  expect((await client.upload('shown', archive)).status).toBe(201);
  const password = `Basic ${Buffer.from(`root:${text}`).toString('base64')}`;
  for (const path of [
    '/api/v1/spaces/shown/charts/web/versions/1.0.0',
    '/shown/charts/web-1.0.0.tgz',
    `/v2/shown/web/blobs/${digest(archive)}`,
  ]) {
    const ask = async (authorization?: string) => {
      const sender = createClient(registry.urls, authorization);
      return (await sender.request(path, { redirect: 'manual' })).status;
    };
    const statuses = [await ask(), await ask(`Bearer ${text}`), await ask(password)];
    expect(statuses, path).toEqual([307, expected, expected]);
  }
});
