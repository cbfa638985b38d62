import { isObject, readTextValue } from '../contexts/read-json.ts';

/** Largest number of versions of an index. Aliases make many of a few bytes. */
const maxEntries = 1_000_000;

/** Reads the entries of an index.yaml by chart. @returns undefined where the text is not an index, or has too many */
export async function readIndexEntries(text: string): Promise<Record<string, unknown> | undefined> {
  const { FAILSAFE_SCHEMA, load } = await import('js-yaml');
  // Every scalar stays a text, so that a version 1.0 is not a number.
  const index: unknown = await Promise.resolve(text)
    .then((source) => load(source, { schema: FAILSAFE_SCHEMA }))
    .catch(() => undefined);
  const entries = isObject(index) && isObject(index.entries) ? index.entries : undefined;
  const count = Object.values(entries ?? {}).reduce<number>(
    (sum, listed) => sum + (Array.isArray(listed) ? listed.length : 0),
    0,
  );
  return count > maxEntries ? undefined : entries;
}

/** Reads the date of publication of an entry. A date in the future is now. */
export function readEntryDate(entry: Record<string, unknown>): Date | undefined {
  const createdAt = Date.parse(readTextValue(entry, 'created') ?? '');
  return createdAt >= 0 ? new Date(Math.min(createdAt, Date.now())) : undefined;
}

/** Reads the digest of an entry, as the registry writes digests. Undefined where it has none of SHA-256. */
export function readEntryDigest(entry: Record<string, unknown>): string | undefined {
  const digits = readTextValue(entry, 'digest')
    ?.replace(/^sha256:/, '')
    .toLowerCase();
  return digits !== undefined && /^[0-9a-f]{64}$/.test(digits) ? `sha256:${digits}` : undefined;
}
