import { Client } from 'minio';

/** Address and credentials of a bucket. */
export interface S3Options {
  /** `http://host:port`, or `https://host` with or without a port; no path. */
  endpoint: string;
  bucket: string;
  accessKey: string;
  secretKey: string;
  region: string;
  /** Whether URLs have the bucket in the path, not in the host name. */
  pathStyle: boolean;
  /** Links to blobs for clients; undefined makes none. */
  links?: S3LinkOptions | undefined;
  limits?: Partial<S3Timeouts> | undefined;
}

/** Options of links to blobs. */
export interface S3LinkOptions {
  /** Address of the store for clients; like `endpoint`. */
  endpoint: string;
  /** Seconds for which a link is valid. */
  lifetimeSeconds: number;
}

/** Timeouts of the store, in milliseconds. */
export interface S3Timeouts {
  connect: number;
  /** From the start of a call to its response, including the wait for a free connection. */
  answer: number;
  /** Between two chunks of a body that is being read, and between a sent body's last byte and its response. */
  silence: number;
}

/** Default timeouts. */
export const defaultS3Timeouts: S3Timeouts = { connect: 3_000, answer: 10_000, silence: 20_000 };

/**
 * Creates the client that signs requests to an endpoint.
 * @throws `minio`'s error for an endpoint or a bucket that it refuses
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
