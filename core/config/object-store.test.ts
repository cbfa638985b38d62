import { describe, expect, it } from 'vitest';
import { StartError } from '../runtime/startup-error.ts';
import { loadConfig } from './load.ts';

const all = {
  S3_ENDPOINT: 'minio:9000',
  S3_BUCKET: 'charts',
  S3_ACCESS_KEY: 'an-access-key',
  S3_SECRET_KEY: 'a-secret-key',
};

describe('the settings of an object store', () => {
  it('accepts the complete settings of an object store', async () => {
    expect(await loadConfig(all)).toMatchObject({ s3Endpoint: 'minio:9000', s3Bucket: 'charts' });
    expect(await loadConfig({ ...all, STORAGE_DRIVER: 's3', S3_REDIRECT: 'true' })).toMatchObject({
      s3Redirect: true,
    });
  });

  it('names missing settings of an object store without their values', async () => {
    for (const STORAGE_DRIVER of ['s3', 'minio']) {
      await expect(loadConfig({ STORAGE_DRIVER })).rejects.toThrow(
        'S3_ENDPOINT, S3_BUCKET, S3_ACCESS_KEY, S3_SECRET_KEY are not set',
      );
    }
    const error = await loadConfig({ ...all, S3_BUCKET: '' }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(StartError);
    expect(String(error)).toMatch(/S3_BUCKET is not set$/);
    expect(String(error)).not.toMatch(/a-secret-key|an-access-key/);
  });

  it('refuses redirects without an object store', async () => {
    await expect(loadConfig({ S3_REDIRECT: 'true' })).rejects.toThrow('S3_REDIRECT needs an object store');
  });
});
