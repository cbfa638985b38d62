import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { type KeyRing, keyIdPattern } from './keys.ts';

/** Place that a secret is sealed for. Sealed for one place it does not open at another. */
export interface SealContext {
  purpose:
    | 'callback secret'
    | 'callback address'
    | 'webhook secret'
    | 'webhook address'
    | 'job position'
    | 'mirror credentials';
  /** Id of the row that it belongs to; empty for what no row has. */
  row: string;
}

/** Opened secret, or the reason why it cannot be opened. */
export type OpenedSecret =
  | { kind: 'opened'; text: string }
  | { kind: 'keyMissing'; keyId: string }
  /** Sealed text that was changed, cut short, or sealed for another row. */
  | { kind: 'damaged' };

/** Seals secrets that are kept, and opens them when they are used. */
export interface Sealer {
  /** Seals a text with the newest key. */
  seal(text: string, context: SealContext): string;
  /** Opens a sealed text. @throws the errors of the database, which may have to be asked for the key */
  open(sealed: string, context: SealContext): Promise<OpenedSecret>;
  /** Text that everything sealed with the newest key begins with. */
  newestPrefix(): string;
}

const sealedPrefix = 'sealed.v1.';
const sealedPattern = new RegExp(`^sealed\\.v1\\.(${keyIdPattern})\\.([\\w-]+)$`);
const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/** Whether a text was sealed. */
export function isSealed(text: string): boolean {
  return text.startsWith(sealedPrefix);
}

/**
 * Creates the sealer of a process: AES-256-GCM. Each text has a random nonce, and the context as additional data. A
 * sealed text is `sealed.v1.KEY.BASE64URL`, of nonce, ciphertext and tag.
 */
export function createSealer(keys: KeyRing): Sealer {
  const prefixOf = (keyId: string) => `${sealedPrefix}${keyId}.`;
  return {
    seal(text, context) {
      const { id, key } = keys.newest('sealing');
      const nonce = randomBytes(nonceBytes);
      const encryption = createCipheriv(cipher, key, nonce, { authTagLength: tagBytes });
      encryption.setAAD(encodeContext(context));
      const parts = [nonce, encryption.update(text, 'utf8'), encryption.final(), encryption.getAuthTag()];
      return prefixOf(id) + Buffer.concat(parts).toString('base64url');
    },
    async open(sealed, context) {
      const [, keyId, encoded = ''] = sealedPattern.exec(sealed) ?? [];
      const bytes = Buffer.from(encoded, 'base64url');
      if (keyId === undefined || bytes.length < nonceBytes + tagBytes) return { kind: 'damaged' };
      const subkey = await keys.find('sealing', keyId);
      if (!subkey) return { kind: 'keyMissing', keyId };
      const nonce = bytes.subarray(0, nonceBytes);
      const decryption = createDecipheriv(cipher, subkey.key, nonce, { authTagLength: tagBytes });
      decryption.setAAD(encodeContext(context)).setAuthTag(bytes.subarray(-tagBytes));
      try {
        const text = Buffer.concat([
          decryption.update(bytes.subarray(nonceBytes, -tagBytes)),
          decryption.final(),
        ]);
        return { kind: 'opened', text: text.toString('utf8') };
      } catch {
        return { kind: 'damaged' };
      }
    },
    newestPrefix: () => prefixOf(keys.newest('sealing').id),
  };
}

/** Encodes a context so that no two contexts have the same bytes. */
function encodeContext({ purpose, row }: SealContext): Buffer {
  return Buffer.from(JSON.stringify([purpose, row]));
}
