import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { readableOf } from '../../core/blobs/content.ts';
import type { Digest } from '../../core/blobs/port.ts';
import { createBucketClient } from '../../core/blobs/s3/bucket-client.ts';
import { objectKey } from '../../core/blobs/s3/keys.ts';
import { packChart } from './charts.ts';
import type { EmbeddedRegistry } from './embedded.ts';

/** Faults of a blob that a test can cause behind the registry's back, in every store. */
export const damages = ['flipped', 'cut short', 'gone'] as const;
/** Faults that a test can cause on a file system: also an empty file, or a folder in its place. */
export const allDamages = [...damages, 'emptied', 'a folder', 'a full folder'] as const;
/** Fault of a blob that `damage` causes. */
export type Damage = (typeof allDamages)[number];

/** Damages a stored blob, on the disk or in the bucket. */
export async function damage(registry: EmbeddedRegistry, digest: Digest, how: Damage): Promise<void> {
  const stored = await registry.context.store.open(digest);
  if (!stored) throw new Error(`there is no blob ${digest} to damage`);
  const bytes = await buffer(stored);
  const middle = bytes.length >> 1;
  if (how === 'flipped') bytes.writeUInt8(bytes.readUInt8(middle) ^ 0xff, middle);
  if (how === 'a folder' || how === 'a full folder') return putFolder(registry, digest, how);
  const lengths = { flipped: bytes.length, 'cut short': bytes.length - 1, emptied: 0 };
  await overwrite(registry, digest, how === 'gone' ? undefined : bytes.subarray(0, lengths[how]));
}

/** Puts a folder in the place of a blob's file. */
async function putFolder({ dataDir }: EmbeddedRegistry, digest: Digest, how: Damage): Promise<void> {
  const path = join(dataDir, 'blobs', objectKey(digest));
  await rm(path);
  await mkdir(path);
  if (how === 'a full folder') await writeFile(join(path, 'note'), 'of somebody else');
}

async function overwrite(
  registry: EmbeddedRegistry,
  digest: Digest,
  bytes: Buffer | undefined,
): Promise<void> {
  const { s3Endpoint, s3Bucket, s3AccessKey, s3SecretKey, s3Region } = registry.context.config;
  const key = objectKey(digest);
  if (s3Endpoint === '') {
    const path = join(registry.dataDir, 'blobs', key);
    return bytes ? writeFile(path, bytes) : rm(path);
  }
  const calls = createBucketClient({
    endpoint: s3Endpoint,
    bucket: s3Bucket,
    accessKey: s3AccessKey,
    secretKey: s3SecretKey,
    region: s3Region,
    pathStyle: true,
  });
  await calls.run(
    bytes
      ? {
          method: 'PUT',
          key,
          headers: { 'content-length': String(bytes.length) },
          body: () => readableOf(bytes),
        }
      : { method: 'DELETE', key },
  );
  await calls.close();
}

/** Packs a chart whose archive is sent whole, or streamed if `large`. */
export function chartOfSize(name: string, large: boolean): Promise<Buffer> {
  const files = { 'files/noise.txt': randomBytes(large ? 600_000 : 300).toString('hex') };
  return packChart({ name, values: { a: 1 }, files });
}
