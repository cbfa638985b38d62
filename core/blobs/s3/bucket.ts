import { createCalls } from './calls.ts';
import { S3Fault } from './fault.ts';
import type { S3Options } from './options.ts';

/**
 * Looks whether the bucket is there and may be listed, and makes it where that is wanted and it is not.
 * @returns whether it was made
 * @throws {S3Fault} `NoSuchBucket` when it is missing and not wanted; network errors, each with a `code`
 */
export async function prepareBucket(options: S3Options, create: boolean): Promise<boolean> {
  const calls = createCalls(options);
  // A listing rather than a HEAD: its answer says what is wrong with bucket, key or region.
  const look = async () => {
    const { body } = await calls.send({ method: 'GET', query: { 'list-type': '2', 'max-keys': '1' } });
    await body.dump();
  };
  try {
    return await look().then(
      () => false,
      async (error: unknown) => {
        if (!create || !isFault(error, 'NoSuchBucket')) throw error;
        const made = await calls.run({ method: 'PUT', body: () => locationOf(options.region) }).then(
          () => true,
          (refusal: unknown) => {
            // Somebody else makes it at this moment; whether it is ours the next look says.
            if (isFault(refusal, 'BucketAlreadyOwnedByYou', 'BucketAlreadyExists', 'OperationAborted'))
              return false;
            throw refusal;
          },
        );
        await look();
        return made;
      },
    );
  } finally {
    await calls.close();
  }
}

function isFault(error: unknown, ...codes: string[]): error is S3Fault {
  return error instanceof S3Fault && codes.includes(error.code);
}

// The first of all regions is the one that must not be named.
function locationOf(region: string): string {
  if (region === 'us-east-1') return '';
  const name = region.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LocationConstraint>${name}</LocationConstraint></CreateBucketConfiguration>`;
}
