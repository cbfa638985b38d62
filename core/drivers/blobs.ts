import { join, resolve } from 'node:path';
import { createFilesystemBlobs } from '../blobs/filesystem.ts';
import type { BlobStore } from '../blobs/port.ts';
import type { S3Options } from '../blobs/s3/options.ts';
import { createS3Blobs } from '../blobs/s3.ts';
import { usesS3 } from '../config/object-store.ts';
import type { Config } from '../config/settings.ts';
import { makeDataFolder } from '../runtime/data-folder.ts';
import type { Log } from '../runtime/log.ts';
import type { ShutdownHooks } from '../runtime/shutdown-hooks.ts';
import { openBucket } from './bucket.ts';

/** Largest validity of a link to a blob, in seconds; a short `GC_GRACE` makes it shorter. */
const maxLinkSeconds = 5 * 60;

/**
 * Opens the blob store: a bucket when the settings name one, otherwise a folder.
 * @param create makes a missing bucket; otherwise it must exist
 * @throws {StartError} when the store cannot be used
 */
export async function openBlobs(
  config: Config,
  log: Log,
  shutdownHooks: ShutdownHooks,
  create: boolean,
): Promise<BlobStore> {
  const blobs = usesS3(config) ? await openS3(config, log, create) : await openFolder(config);
  shutdownHooks.add('blobs', () => blobs.close());
  return blobs;
}

async function openFolder(config: Config): Promise<BlobStore> {
  const folder = await makeDataFolder(resolve(config.dataDir));
  return createFilesystemBlobs(join(folder, 'blobs'), { abandonedAfterMs: abandonedAfterMs(config) });
}

/**
 * Returns the age in milliseconds at which a draft in the data folder is abandoned. A crash has left it behind;
 * undefined is the default. With the embedded PostgreSQL one process at a time uses the folder, so every draft at its
 * start is a leftover.
 */
export function abandonedAfterMs(config: Config): number | undefined {
  return config.databaseUrl === '' ? 0 : undefined;
}

async function openS3(config: Config, log: Log, create: boolean): Promise<BlobStore> {
  const options = toS3Options(config);
  const isNew = await openBucket(options, create);
  if (create)
    log.info({ bucket: options.bucket, made: isNew }, isNew ? 'made the bucket' : 'the bucket is there');
  return createS3Blobs(options);
}

function toS3Options(config: Config): S3Options {
  const endpoint = toUrl(config.s3Endpoint, config.s3Secure);
  return {
    endpoint,
    bucket: config.s3Bucket,
    accessKey: config.s3AccessKey,
    secretKey: config.s3SecretKey,
    region: config.s3Region,
    pathStyle: config.s3PathStyle,
    links: config.s3Redirect
      ? {
          endpoint:
            config.s3PublicEndpoint === '' ? endpoint : toUrl(config.s3PublicEndpoint, config.s3Secure),
          // A link expires before a blob without references is deleted.
          lifetimeSeconds: Math.max(1, Math.min(maxLinkSeconds, Math.floor(config.gcGrace / 2))),
        }
      : undefined,
  };
}

function toUrl(endpoint: string, secure: boolean): string {
  return /^https?:\/\//.test(endpoint) ? endpoint : `${secure ? 'https' : 'http'}://${endpoint}`;
}
