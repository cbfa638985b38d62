import { onTestFinished } from 'vitest';
import { createBucketClient } from '../../core/blobs/s3/bucket-client.ts';
import { type EmbeddedRegistry, startEmbedded } from './embedded.ts';
import { startMinio } from './servers/object-store.ts';

/** Registry whose store is a bucket of its own MinIO. */
interface BucketRegistry {
  registry: EmbeddedRegistry;
  deleteBucket(): Promise<void>;
  makeBucket(): Promise<void>;
}

/** Starts a registry on a bucket of a new MinIO. The end of the test closes both. */
export async function startOnBucket(
  overrides: Parameters<typeof startEmbedded>[0],
  options: Parameters<typeof startEmbedded>[1] = {},
): Promise<BucketRegistry> {
  const minio = await startMinio();
  onTestFinished(() => minio.dispose());
  const { endpoint, accessKey, secretKey } = minio;
  const registry = await startEmbedded(
    {
      s3Endpoint: endpoint,
      s3AccessKey: accessKey,
      s3SecretKey: secretKey,
      s3Bucket: 'charts',
      logLevel: 'silent',
      ...overrides,
    },
    options,
  );
  onTestFinished(() => registry.close());
  const target = { endpoint, accessKey, secretKey, bucket: 'charts', region: 'us-east-1', pathStyle: true };
  const calls = createBucketClient(target);
  onTestFinished(() => calls.close());
  return {
    registry,
    deleteBucket: async () => void (await calls.run({ method: 'DELETE' })),
    makeBucket: async () => void (await calls.run({ method: 'PUT' })),
  };
}
