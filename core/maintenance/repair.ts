import { type ReceivedContent, receiveContent } from '../blobs/receive.ts';
import { isRegistryError } from '../errors.ts';
import { algorithmOf, hashContent } from '../oci/digest.ts';
import { errorCode, isTransientError } from '../runtime/transient-errors.ts';
import { type Copies, type CopyLocation, recordedSizesOf, type WantedBlob } from './copies.ts';

/** Options of repairs. */
export interface RepairOptions {
  copies: Copies;
  /** Folder for large copies until they are checked. */
  folder: string;
  /** Largest copy in bytes, where no row has the blob's size. */
  maxSize: number;
}

/** Outcome of a repair. */
export type RepairOutcome =
  /** A good copy from this location was stored. */
  | { state: 'repaired'; from: string }
  /** Every location was searched, and none has a good copy. */
  | { state: 'none' }
  /** No good copy was stored, since a location could not be searched or a copy not stored; another try may succeed. */
  | { state: 'hindered'; hindrances: string[] };

/**
 * Replaces content by a good copy. A copy is taken in and held to the digest before anything is replaced.
 * @param store puts the copy in its place, whole or not at all, so that dying on the way leaves it as it was
 * @throws what `store` fails with for a reason that does not pass
 */
export async function repairFromCopies(
  { copies, folder }: RepairOptions,
  wanted: WantedBlob,
  store: (copy: ReceivedContent) => Promise<void>,
): Promise<RepairOutcome> {
  const hindrances: string[] = [];
  const limit = Math.max(...recordedSizesOf(wanted), 0) || wanted.maxSize;
  for await (const location of copies.locations(wanted)) {
    const { copy, hindrance } = await fetchCopy(location, limit, folder);
    if (hindrance !== undefined) hindrances.push(hindrance);
    if (!copy) continue;
    try {
      if (!(await isCopyOf(copy, wanted))) continue;
      await store(copy);
      return { state: 'repaired', from: location.name };
    } catch (error) {
      if (!isTransientError(error)) throw error;
      hindrances.unshift(`the good copy in ${location.name} cannot be stored: ${errorCode(error)}`);
      break;
    } finally {
      await copy.discard();
    }
  }
  return hindrances.length > 0 ? { state: 'hindered', hindrances } : { state: 'none' };
}

async function isCopyOf(copy: ReceivedContent, { digest }: WantedBlob): Promise<boolean> {
  const found = algorithmOf(digest) === 'sha256' ? copy.digest : (await hashContent(copy)).sha512;
  return found === digest;
}

interface FetchedCopy {
  copy?: ReceivedContent;
  /** Reason why it is unknown whether there is a copy. Without a reason there is no copy. */
  hindrance?: string;
}

/** Receives a copy. More bytes than are wanted are not a copy. */
async function fetchCopy(location: CopyLocation, limit: number, folder: string): Promise<FetchedCopy> {
  const hindered = (what: string, error: unknown) => ({ hindrance: `${what}: ${errorCode(error)}` });
  let failure: unknown;
  try {
    const source = await location.open();
    if (!source) return {};
    source.once('error', (error) => {
      failure = error;
    });
    try {
      return { copy: await receiveContent(source, limit, folder) };
    } catch (error) {
      source.destroy();
      if (isRegistryError(error, 'upload.tooLarge')) return {};
      if (failure !== undefined) throw failure;
      return hindered(`the copy in ${location.name} cannot be taken into ${folder}`, error);
    }
  } catch (error) {
    return hindered(location.name, error);
  }
}

/** Says in a few words what stood in the way of a repair. */
export function describeHindrances([first = '', ...others]: readonly string[]): string {
  return others.length > 0 ? `${first} (and ${others.length} more)` : first;
}
