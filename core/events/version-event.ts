import type { Digest } from '../blobs/port.ts';
import type { Transaction } from '../db/port.ts';

/** Change of a version, as triggers on its table record it in the transaction of the change. */
export interface VersionEvent {
  /** Number in the table; within a space events have the order of their commits. */
  id: number;
  kind: 'published' | 'replaced' | 'deleted';
  /** Id of the space: one that was deleted and made again under the same name is another. */
  spaceId: number;
  space: string;
  chart: string;
  version: string;
  /** Digest of the archive after the change; null for a deleted version. */
  digest: Digest | null;
  /** Digest of the archive before the change; null for a new version. */
  digestBefore: Digest | null;
  /** Name of the principal that published the archive; null where nobody is known. */
  author: string | null;
  at: Date;
}

/**
 * Acts on events, in the transaction that deletes them: so it happens once, or not at all.
 * Only what the transaction does counts once. An event may be old, so that its version has changed again meanwhile.
 * @param events in the order of their ids, each of them once
 */
export type EventConsumer = (tx: Transaction, events: readonly VersionEvent[]) => Promise<void>;
