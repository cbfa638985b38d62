import { Client } from 'minio';

/** Where a bucket is and who may use it. */
export interface S3Options {
  /** `http://host:port`, or `https://host` with or without a port; nothing behind it. */
  endpoint: string;
  bucket: string;
  accessKey: string;
  secretKey: string;
  region: string;
  /** Whether the bucket stands in the path, not in the host name. */
  pathStyle: boolean;
  /** Links that clients may follow to a blob; none are made without it. */
  links?: S3Links | undefined;
  limits?: Partial<S3Limits> | undefined;
}

export interface S3Links {
  /** What clients know the store by; like `endpoint`. */
  endpoint: string;
  /** Seconds that a link can be followed. */
  lifetime: number;
}

/** How long the store may take for what, in milliseconds. */
export interface S3Limits {
  connect: number;
  /** From a call's beginning to its answer, a wait for one of our connections included. */
  answer: number;
  /** Between two pieces of a body that is being read, and between a body's last byte and the answer to it. */
  silence: number;
}

export const defaultLimits: S3Limits = { connect: 3_000, answer: 10_000, silence: 20_000 };

/**
 * The client that signs what is sent to an endpoint.
 * @throws what `minio` says of an endpoint or a bucket that it does not take
 */
export function createSigner(endpoint: string, options: S3Options): Client {
  const { protocol, hostname, port } = new URL(endpoint);
  return new Client({
    endPoint: hostname,
    useSSL: protocol === 'https:',
    ...(port === '' ? {} : { port: Number(port) }),
    accessKey: options.accessKey,
    secretKey: options.secretKey,
    region: options.region,
    pathStyle: options.pathStyle,
  });
}
