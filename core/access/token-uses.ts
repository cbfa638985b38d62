import type { Database } from '../db/port.ts';
import type { Log } from '../runtime/log.ts';
import { createWriteBehind } from '../runtime/write-behind.ts';

/**
 * Log of the last uses of tokens. It delays no request: uses are noted in memory and written in batches. So times are
 * right to a minute, and a process that dies loses the uses of its last minute.
 */
export interface TokenUses {
  /** Notes that a token was accepted. */
  note(tokenId: string): void;
  /** Writes what was noted before; resolves when it is written, or the write has failed and is put off. */
  flush(): Promise<void>;
  /** Writes what is left, and ends. */
  close(): Promise<void>;
}

/** Milliseconds from one write to the next. */
const intervalMs = 60_000;

/** Tokens in one statement. */
const maxUsesPerStatement = 1_000;

/**
 * SQL that records uses. A token that is being changed is passed over, so that nobody waits; its next use is recorded.
 */
const recordUsesSql = `
  UPDATE tokens SET last_used_at = now() WHERE id IN (
    SELECT id FROM tokens WHERE id = ANY((SELECT $1::text[])::text[]) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED)`;

/** Creates the log of uses of one process. */
export function createTokenUses(db: Pick<Database, 'query'>, log: Log): TokenUses {
  const used = new Set<string>();

  async function writeAll(): Promise<void> {
    while (used.size > 0) {
      const batch = [...used].slice(0, maxUsesPerStatement);
      // Taken out before the write: a use meanwhile is a later one.
      for (const id of batch) used.delete(id);
      try {
        await db.query(recordUsesSql, [batch]);
      } catch (error) {
        for (const id of batch) used.add(id);
        log.warn({ error, waiting: used.size }, 'uses of tokens were not recorded, it is tried again');
        return;
      }
    }
  }

  const writer = createWriteBehind(writeAll, intervalMs);

  return {
    note: (tokenId) => void used.add(tokenId),
    flush: writer.flush,
    close: writer.close,
  };
}
