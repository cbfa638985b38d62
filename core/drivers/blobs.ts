import { join, resolve } from 'node:path';
import { createFilesystemBlobs } from '../blobs/filesystem.ts';
import type { BlobStore } from '../blobs/port.ts';
import type { S3Options } from '../blobs/s3/options.ts';
import { createS3Blobs } from '../blobs/s3.ts';
import { usesS3 } from '../config/object-store.ts';
import type { Config } from '../config/settings.ts';
import { makeDataFolder } from '../runtime/data-folder.ts';
import type { Log } from '../runtime/log.ts';
import type { Closers } from '../runtime/shutdown-hooks.ts';
import { openBucket } from './bucket.ts';

/** Seconds that a link to a blob can be followed at most. */
const longestLink = 5 * 60;

/**
 * Opens the object store: a bucket when the settings name one, otherwise a folder.
 * @param create makes the bucket if it is not there; otherwise it must be
 * @throws {StartError} when it cannot be used
 */
export async function openBlobs(
  config: Config,
  log: Log,
  closers: Closers,
  create: boolean,
): Promise<BlobStore> {
  const blobs = usesS3(config) ? await openS3(config, log, create) : await openFolder(config);
  closers.add('blobs', () => blobs.close());
  return blobs;
}

async function openFolder(config: Config): Promise<BlobStore> {
  const folder = await makeDataFolder(resolve(config.dataDir));
  return createFilesystemBlobs(join(folder, 'blobs'), { abandonedAfter: abandonedAfter(config) });
}

/**
 * Milliseconds after which a half-written file in the data folder is what a crash left, or undefined for the usual. The
 * embedded PostgreSQL lets one process at a time use the folder: what is half-written there, nobody writes.
 */
export function abandonedAfter(config: Config): number | undefined {
  return config.databaseUrl === '' ? 0 : undefined;
}

async function openS3(config: Config, log: Log, create: boolean): Promise<BlobStore> {
  const options = readOptions(config);
  const made = await openBucket(options, create);
  if (create) log.info({ bucket: options.bucket, made }, made ? 'made the bucket' : 'the bucket is there');
  return createS3Blobs(options);
}

function readOptions(config: Config): S3Options {
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
          // Shorter than the time for which a blob outlives its last row.
          lifetime: Math.max(1, Math.min(longestLink, Math.floor(config.gcGrace / 2))),
        }
      : undefined,
  };
}

function toUrl(endpoint: string, secure: boolean): string {
  return /^https?:\/\//.test(endpoint) ? endpoint : `${secure ? 'https' : 'http'}://${endpoint}`;
}
