import { StartError } from '../runtime/startup-error.ts';
import type { Config } from './settings.ts';

/** Whether archives are kept in a bucket. */
export function usesS3(config: Config): boolean {
  return config.s3Endpoint !== '' || config.storageDriver !== 'filesystem';
}

/**
 * Holds the settings of the object store against one another.
 * @throws {StartError} that names what is missing
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
    `archives are to be kept in an object store, but ${missing.map(([name]) => name).join(', ')} ${missing.length > 1 ? 'are' : 'is'} not set`,
  );
}
