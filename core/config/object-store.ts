import { StartError } from '../runtime/startup-error.ts';
import type { Config } from './settings.ts';

/** Tells whether archives are stored in a bucket. */
export function usesS3(config: Config): boolean {
  return config.s3Endpoint !== '' || config.storageDriver !== 'filesystem';
}

/**
 * Checks that the settings of the object store are complete.
 * @throws {StartError} with the names of missing settings
 */
export function checkObjectStore(config: Config): void {
  if (!usesS3(config)) {
    if (config.s3Redirect) throw new StartError('S3_REDIRECT needs an object store; S3_ENDPOINT names one');
    return;
  }
  const needed = {
    S3_ENDPOINT: config.s3Endpoint,
    S3_BUCKET: config.s3Bucket,
    S3_ACCESS_KEY: config.s3AccessKey,
    S3_SECRET_KEY: config.s3SecretKey,
  };
  const missing = Object.entries(needed).filter(([, value]) => value === '');
  if (missing.length === 0) return;
  throw new StartError(
    `the archives' object store lacks settings: ${missing.map(([name]) => name).join(', ')} ${missing.length > 1 ? 'are' : 'is'} not set`,
  );
}
