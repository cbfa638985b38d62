import { announceExpiringTokens } from '../core/access/admin/announce-expiring-tokens.ts';
import type { Context } from '../core/context.ts';
import { readHold } from '../core/maintenance/hold.ts';
import { type Repetition, startRepeating } from '../core/runtime/repeat.ts';

/** Milliseconds from the end of one look for expiring tokens to the next. */
const intervalMs = 60 * 60 * 1000;

/**
 * Starts announcing tokens that expire soon: now, and every hour until stopped. A failure is logged, and the tokens are
 * announced later. Where access is open no token counts, so none is announced.
 */
export function startAnnouncingExpiringTokens({
  registry: { db },
  access,
  log,
}: Pick<Context, 'registry' | 'access' | 'log'>): Repetition {
  return startRepeating(
    async (signal) => {
      // The receivers of a restored copy are those of the original, which announces its tokens itself.
      if (!access.guarded || (await readHold(db))) return;
      await announceExpiringTokens(
        db,
        (tokens) => {
          for (const { id, owner, expiresAt } of tokens)
            log.warn({ token: id, owner, expiresAt }, 'a token expires soon: rotate it, or make a new one');
        },
        signal,
      );
    },
    intervalMs,
    (error) => log.warn({ error }, 'tokens that expire soon were not announced, it is tried again'),
  );
}
