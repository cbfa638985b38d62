import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import { digestOf } from '../../core/blobs/content.ts';
import type { Digest } from '../../core/blobs/port.ts';
import type { Config } from '../../core/config/settings.ts';
import { type CollectionResult, collectGarbage } from '../../core/maintenance/collect.ts';
import { verifyRegistry } from '../../core/maintenance/verify.ts';
import { chartOfSize } from './damage.ts';
import { type EmbeddedRegistry, startEmbedded } from './embedded.ts';
import type { RegistryOptions } from './registry.ts';
import { hasMinio, startMinio, type TestObjectStore } from './servers/object-store.ts';

/** Tools for tests of faults of blobs, on one kind of store. */
export interface FaultTools {
  readonly registry: EmbeddedRegistry;
  /** Settings of the bucket; none for a folder. */
  readonly bucket: Partial<Config>;
  /** Uploads a new version of the chart `web` into a space; `path` is below `/api/v1`. */
  publish(space: string, large?: boolean): Promise<{ archive: Buffer; digest: Digest; path: string }>;
  /** Downloads to the end. @returns the bytes, or undefined where the connection was cut */
  download(path: string): Promise<Buffer | undefined>;
  /** Reads the recorded fault of a blob. */
  faultOf(digest: Digest): Promise<{ fault: string; refused: number } | undefined>;
  /** Collects garbage without a grace period. */
  collect(): Promise<CollectionResult | undefined>;
  /** Verifies the registry. @returns the lines on faults */
  verify(): Promise<string[]>;
}

/** Reads the body of a response; undefined where the connection was cut. */
export const bytesOf = (response: Response) =>
  response.arrayBuffer().then(
    (bytes) => Buffer.from(bytes),
    () => undefined,
  );

/**
 * Runs tests on a folder and on a bucket of MinIO.
 * @param options.worker false for tests that count refused reads: a worker reads what is uploaded, to prepare it
 */
export function onEachStore(
  title: string,
  tests: (use: FaultTools) => void,
  options: RegistryOptions = {},
): void {
  for (const place of ['a folder', 'a bucket of MinIO'] as const) {
    describe.skipIf(place !== 'a folder' && !hasMinio())(`${title}, in ${place}`, () => {
      tests(useFaults(place === 'a folder' ? async () => undefined : startMinio, options));
    });
  }
}

function useFaults(start: () => Promise<TestObjectStore | undefined>, options: RegistryOptions): FaultTools {
  let minio: TestObjectStore | undefined;
  let registry: EmbeddedRegistry | undefined;
  let bucket: Partial<Config> = {};
  const tools: FaultTools = {
    get registry() {
      if (!registry) throw new Error('the test has not begun');
      return registry;
    },
    get bucket() {
      return bucket;
    },
    async publish(space, large = false) {
      const archive = await chartOfSize('web', large);
      expect((await tools.registry.upload(space, archive)).status).toBe(201);
      return { archive, digest: digestOf(archive), path: `/spaces/${space}/charts/web/versions/1.0.0` };
    },
    download: async (path) => bytesOf(await tools.registry.api(path)),
    async faultOf(digest) {
      const [row] = await tools.registry.db.query<{ fault: string; refused: number }>(
        'SELECT fault, refused FROM blob_faults WHERE digest = $1',
        [digest],
      );
      return row;
    },
    async collect() {
      const { registry: parts, log } = tools.registry.context;
      return collectGarbage({ ...parts, blobs: tools.registry.context.store, log }, { graceSeconds: 0 });
    },
    async verify() {
      const lines: string[] = [];
      const { db, context } = tools.registry;
      await verifyRegistry(db, context.store, { graceMs: 0, onFault: (line) => lines.push(line) });
      return lines;
    },
  };
  beforeAll(async () => {
    minio = await start();
    if (minio) {
      const { endpoint, accessKey, secretKey } = minio;
      bucket = { s3Endpoint: endpoint, s3AccessKey: accessKey, s3SecretKey: secretKey, s3Bucket: 'faults' };
    }
    // Without copies in memory every read shows what the store has.
    registry = await startEmbedded({ ...bucket, blobCache: 0, gcInterval: 0, logLevel: 'silent' }, options);
  });
  // Otherwise the verify runs of later tests would report the blobs of earlier ones.
  afterEach(async () => {
    await tools.registry.db.query('DELETE FROM spaces');
  });
  afterAll(async () => {
    await registry?.close();
    await minio?.dispose();
  });
  return tools;
}
