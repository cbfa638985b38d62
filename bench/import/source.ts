import { createHash } from 'node:crypto';

/** Version that an import must copy. */
export interface Expected {
  space: string;
  chart: string;
  version: string;
  /** Digest of the archive. */
  digest: string;
  publishedAt: Date;
  /** Digest of the manifest, where the source is an OCI registry. */
  manifest?: string;
}

/** Source of an import, with all that it has. */
export interface ImportSource {
  name: string;
  /** Arguments of the one command that imports all. */
  args: string[];
  expected: Expected[];
  close(): Promise<void>;
}

/** Computes the digest of an archive. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Computes a time in the past, another one for each number. */
export function publishedAt(index: number): Date {
  return new Date(Date.UTC(2020, 0, 1) + index * 60_000);
}
