import { prepareBucket } from '../blobs/s3/bucket.ts';
import { S3Fault } from '../blobs/s3/fault.ts';
import type { S3Options } from '../blobs/s3/options.ts';
import { StartError } from '../runtime/startup-error.ts';
import { errorCode } from '../runtime/transient-errors.ts';
import { explainNetwork } from './explain-network.ts';

/** Milliseconds that each response may take during a start. */
const startTimeoutMs = 5_000;

/**
 * Checks that the bucket can be used.
 * @param create makes a missing bucket
 * @returns whether the bucket was made
 * @throws {StartError} with the setting to check
 */
export async function openBucket(options: S3Options, create: boolean): Promise<boolean> {
  try {
    return await prepareBucket({ ...options, limits: { answer: startTimeoutMs } }, create);
  } catch (error) {
    throw new StartError(explainBucketError(error, options, create), { cause: error });
  }
}

function explainBucketError(error: unknown, { bucket, region }: S3Options, create: boolean): string {
  if (!(error instanceof S3Fault)) {
    return `cannot reach the object store at S3_ENDPOINT: ${explainNetwork(error, 'S3_ENDPOINT') ?? errorCode(error)}`;
  }
  switch (error.code) {
    case 'NoSuchBucket':
      return `the bucket ${bucket} (S3_BUCKET) does not exist; \`helm-registry migrate\` makes it`;
    case 'InvalidAccessKeyId':
    case 'XAdminUserNotFound': // versitygw's code
      return 'the object store does not know the access key; check S3_ACCESS_KEY';
    case 'SignatureDoesNotMatch':
      return 'the secret key does not belong to the access key; check S3_SECRET_KEY';
    case 'AccessDenied':
      return `the credentials may not use the bucket ${bucket} (S3_BUCKET); S3_ACCESS_KEY needs the rights to list it and to read, write and delete in it${create ? ', and to make it if it is not there' : ''}`;
    case 'AuthorizationHeaderMalformed':
    case 'AuthorizationQueryParametersError':
    case 'IllegalLocationConstraintException':
    case 'InvalidLocationConstraint':
    case 'InvalidRegion':
    case 'PermanentRedirect':
      return `the bucket ${bucket} is in another region than ${region}; check S3_REGION`;
    case 'RequestTimeTooSkewed':
      return 'the clocks of the object store and of this machine differ by more than a quarter of an hour';
    case 'XMinioStorageFull':
      return 'the object store is full; make room there';
    default:
      return error.code.startsWith('HTTP ')
        ? `the server at S3_ENDPOINT does not answer as an object store does (${error.code}); check host and port in S3_ENDPOINT, and S3_PATH_STYLE`
        : `the object store at S3_ENDPOINT cannot be used: ${error.code}`;
  }
}
