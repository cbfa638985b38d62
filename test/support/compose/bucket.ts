import { randomBytes } from 'node:crypto';
import { Client } from 'minio';
import { z } from 'zod';
import type { ObjectStoreAddress } from '../servers/object-store.ts';

/** A bucket of one test's own. */
export interface TestBucket extends ObjectStoreAddress {
  name: string;
  /** Makes it, where the program's `migrate` does not. */
  make(): Promise<void>;
  /** Names of the objects in it. */
  list(): Promise<string[]>;
  /** Removes it with what is in it, if somebody made it. */
  remove(): Promise<void>;
}

const object = z.object({ name: z.string() });

/** Chooses a name that nobody has. The bucket is not there yet. */
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
