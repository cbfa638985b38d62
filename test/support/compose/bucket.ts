import { randomBytes } from 'node:crypto';
import { Client } from 'minio';
import { z } from 'zod';
import type { ObjectStoreAddress } from '../servers/object-store.ts';

/** Bucket of one test. */
export interface TestBucket extends ObjectStoreAddress {
  name: string;
  /** Makes the bucket, for tests that do not run `migrate`. */
  make(): Promise<void>;
  /** Lists the names of the objects. */
  list(): Promise<string[]>;
  /** Removes the bucket with its objects, if it exists. */
  remove(): Promise<void>;
}

const object = z.object({ name: z.string() });

/** Chooses a new name for a bucket, and does not create the bucket. */
export function useBucket(store: ObjectStoreAddress): TestBucket {
  const { hostname, port, protocol } = new URL(store.endpoint);
  const client = new Client({
    endPoint: hostname,
    useSSL: protocol === 'https:',
    accessKey: store.accessKey,
    secretKey: store.secretKey,
    ...(port === '' ? {} : { port: Number(port) }),
  });
  const name = `test-${randomBytes(8).toString('hex')}`;
  async function list(): Promise<string[]> {
    const names: string[] = [];
    for await (const found of client.listObjectsV2(name, '', true)) names.push(object.parse(found).name);
    return names;
  }
  return {
    ...store,
    name,
    make: () => client.makeBucket(name),
    list,
    async remove() {
      if (!(await client.bucketExists(name))) return;
      await client.removeObjects(name, await list());
      await client.removeBucket(name);
    },
  };
}
