import { createBucketClient } from './bucket-client.ts';
import { S3Fault } from './fault.ts';
import type { S3Options } from './options.ts';

/**
 * Checks that the bucket exists and can be listed. A missing one is made if `create` is set.
 * @returns whether the bucket was made
 * @throws {S3Fault} `NoSuchBucket` when it is missing and `create` is not set; network errors, each with a
 *   `code`
 */
export async function prepareBucket(options: S3Options, create: boolean): Promise<boolean> {
  const calls = createBucketClient(options);
  // List rather than HEAD: the answer says whether bucket, key or region is wrong.
  const list = async () => {
    const { body } = await calls.send({ method: 'GET', query: { 'list-type': '2', 'max-keys': '1' } });
    await body.dump();
  };
  try {
    return await list().then(
      () => false,
      async (error: unknown) => {
        if (!create || !isS3FaultWithCode(error, 'NoSuchBucket')) throw error;
        const put = calls.run({ method: 'PUT', body: () => bucketConfigurationXml(options.region) });
        // Another process may be making the bucket: then some stores refuse this one with a 500.
        const refusal = await put.then(
          () => undefined,
          (error: unknown) => error,
        );
        await list().catch((unlisted: unknown) => {
          throw refusal ?? unlisted;
        });
        return refusal === undefined;
      },
    );
  } finally {
    await calls.close();
  }
}

function isS3FaultWithCode(error: unknown, code: string): error is S3Fault {
  return error instanceof S3Fault && error.code === code;
}

// S3 refuses a location constraint that names us-east-1.
function bucketConfigurationXml(region: string): string {
  if (region === 'us-east-1') return '';
  const name = region.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LocationConstraint>${name}</LocationConstraint></CreateBucketConfiguration>`;
}
