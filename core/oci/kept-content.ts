import { faultError } from '../registry/blob-faults.ts';
import { digestBySameAlgorithm, type OciDigest } from './digest.ts';

/** Whether a manifest or configuration that PostgreSQL keeps is what its digest says. */
export function isKeptWhole(digest: OciDigest, content: Uint8Array): boolean {
  return digestBySameAlgorithm(digest, content) === digest;
}

/**
 * Holds what PostgreSQL keeps to its digest before it is given out.
 * @throws {RegistryError} `blob.damaged`
 */
export function assertKeptWhole(digest: OciDigest, content: Uint8Array): void {
  if (!isKeptWhole(digest, content)) throw faultError(digest, 'damaged');
}

/**
 * SQL for {@link isKeptWhole}: PostgreSQL hashes the bytes itself, so none of them travel.
 * @param table alias of a table with the columns `digest` and `content`
 */
export function keptWholeSql(table: string): string {
  const digest = (algorithm: string) => `'${algorithm}:' || encode(${algorithm}(${table}.content), 'hex')`;
  return `(${table}.digest = CASE WHEN ${table}.digest LIKE 'sha256:%' THEN ${digest('sha256')} ELSE ${digest('sha512')} END)`;
}
