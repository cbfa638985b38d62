import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Queryable } from '../db/port.ts';
import type { RepositoryRef } from './names.ts';

/** Read id of an upload session. */
export interface UploadId {
  /** Key of the session's row, if the session has one. */
  key: string;
  /** Whether a session without a row is open: the id was issued for the repository, and has not expired. */
  isIssued: boolean;
}

/** Issues and reads ids of upload sessions. */
export interface UploadIds {
  /**
   * Issues an id for a repository. It is valid on every API process.
   * @param owner id of the principal who alone may use it; undefined where everybody may
   */
  issue(repository: RepositoryRef, owner: string | undefined): Promise<string>;
  /** Reads an id that a client sent. @returns undefined for an id that was not issued for this repository and owner */
  read(repository: RepositoryRef, id: string, owner: string | undefined): Promise<UploadId | undefined>;
}

/** Bytes of a signature; 128 bits cannot be guessed. */
const signatureBytes = 16;

// UUID of version 7 and its signature; version 4 is the whole id of a session begun by an earlier release.
const uploadIdPattern =
  /^([0-9a-f]{8}-[0-9a-f]{4}-(?:4|(7))[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})(?:\.([\w-]{22}))?$/;

/**
 * Creates the issuer of ids.
 * An id has the time of its issue and a signature over itself, the repository and the owner, so issuing one writes nothing.
 * The key is read from PostgreSQL once.
 * @param expiryMs milliseconds after which an id without a row expires
 */
export function createUploadIds(db: Queryable, expiryMs: number): UploadIds {
  let key: Promise<Buffer> | undefined;

  function readKey(): Promise<Buffer> {
    key ??= fetchKey(db).catch((error: unknown) => {
      key = undefined;
      throw error;
    });
    return key;
  }

  async function sign(uuid: string, { full }: RepositoryRef, owner: string | undefined): Promise<string> {
    const signed = owner === undefined ? `${uuid} ${full}` : `${uuid} ${full} ${owner}`;
    const hmac = createHmac('sha256', await readKey()).update(signed);
    return hmac.digest().subarray(0, signatureBytes).toString('base64url');
  }

  return {
    async issue(repository, owner) {
      const uuid = makeTimedUuid(Date.now());
      return `${uuid}.${await sign(uuid, repository, owner)}`;
    },
    async read(repository, id, owner) {
      const [, uuid, isTimed, signature] = uploadIdPattern.exec(id) ?? [];
      if (uuid === undefined || (isTimed === undefined) !== (signature === undefined)) return undefined;
      if (signature === undefined) return owner === undefined ? { key: uuid, isIssued: false } : undefined;
      const expected = await sign(uuid, repository, owner);
      // The texts are compared: several texts decode to the same bytes.
      if (!timingSafeEqual(Buffer.from(signature), Buffer.from(expected))) return undefined;
      return { key: uuid, isIssued: Date.now() - timeOfUuid(uuid) < expiryMs };
    },
  };
}

async function fetchKey(db: Queryable): Promise<Buffer> {
  const [row] = await db.query<{ key: Buffer }>('SELECT key FROM oci_upload_key');
  if (!row) throw new Error('oci_upload_key has no row');
  return row.key;
}

/** Makes a random UUID of version 7 (RFC 9562), which begins with its time in milliseconds. */
function makeTimedUuid(time: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(time, 0, 6);
  bytes.writeUInt8(0x70 | (bytes.readUInt8(6) & 0x0f), 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function timeOfUuid(uuid: string): number {
  return Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16);
}
