import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { batchCalls } from '../runtime/batch-calls.ts';

/** Bytes of a key, and of each subkey. */
export const keyBytes = 32;

/** Key from which the subkeys of each purpose are derived. */
export interface Key {
  /** Letters, digits, `-` and `_`; see `keyIdPattern`. */
  id: string;
  secret: Buffer;
  /** Whether it only opens what was sealed with it: nothing is sealed with it, and no signature of it counts. */
  opensOnly: boolean;
}

/** Source text of the pattern of an id, which stands in tokens and sealed texts. */
export const keyIdPattern = '[A-Za-z0-9_-]{1,64}';

/** Purposes of subkeys. The words are part of the derivation, so a changed word is a changed key. */
export type KeyPurpose = 'sealing' | 'registry tokens';

/** Key of a purpose, derived from the key with the same id. */
export interface Subkey {
  id: string;
  key: KeyObject;
}

/** Keys of a registry, the same in all its processes. */
export interface KeyRing {
  /** Derives the subkey with which to seal or sign: that of the newest key. */
  newest(purpose: KeyPurpose): Subkey;
  /**
   * Finds the subkey that sealed or signed.
   * An unknown id has the keys read anew, in a reading that begins then, so a key that was added a moment ago is found.
   * @returns undefined for a key that is not in the ring, or does not count for the purpose
   * @throws the errors of the database
   */
  find(purpose: KeyPurpose, id: string): Promise<Subkey | undefined>;
}

/** Reads all keys, the newest first. */
export type ReadKeys = () => Promise<readonly Key[]>;

/** Largest number of unknown ids for one reading. */
const maxIdsPerRead = 1_000;

/**
 * Opens the ring of a process.
 * @throws the errors of the first reading
 */
export async function openKeyRing(readKeys: ReadKeys): Promise<KeyRing> {
  let held = createKeyIndex(await readKeys());
  const findAnew = batchCalls<string, DerivingKey | undefined>(
    async (ids) => {
      held = createKeyIndex(await readKeys());
      return ids.map((id) => held.byId.get(id));
    },
    { max: maxIdsPerRead },
  );

  return {
    newest: (purpose) => held.newest.derive(purpose),
    async find(purpose, id) {
      const key = held.byId.get(id) ?? (await findAnew('', id));
      return key && (purpose === 'sealing' || !key.opensOnly) ? key.derive(purpose) : undefined;
    },
  };
}

interface DerivingKey {
  opensOnly: boolean;
  derive(purpose: KeyPurpose): Subkey;
}

function createKeyIndex(keys: readonly Key[]): {
  newest: DerivingKey;
  byId: ReadonlyMap<string, DerivingKey>;
} {
  const held = keys.map((key) => [key.id, createDerivingKey(key)] as const);
  const newest = held.find(([, { opensOnly }]) => !opensOnly)?.[1];
  if (!newest) throw new Error('the key ring has no key to seal and sign with');
  // Reversed, so that the newer of two keys with one id counts.
  return { newest, byId: new Map(held.toReversed()) };
}

function createDerivingKey({ id, secret, opensOnly }: Key): DerivingKey {
  const subkeys = new Map<KeyPurpose, Subkey>();
  return {
    opensOnly,
    derive(purpose) {
      const known = subkeys.get(purpose);
      if (known) return known;
      const bytes = Buffer.from(hkdfSync('sha256', secret, 'helm-registry', purpose, keyBytes));
      const subkey = { id, key: createSecretKey(bytes) };
      subkeys.set(purpose, subkey);
      return subkey;
    },
  };
}
