import type { Context } from '../core/context.ts';
import { purgeDeleted } from '../core/deletions/purge-deleted.ts';
import { restoreSecondsOf } from '../core/deletions/restore-time.ts';
import { readHold } from '../core/maintenance/hold.ts';
import { dropStalePulls } from '../core/pulls/record-pulls.ts';
import { type Repetition, startRepeating } from '../core/runtime/repeat.ts';

/** Milliseconds from the end of one purge to the next. */
const intervalMs = 60 * 60 * 1000;

/**
 * Starts forgetting deleted versions that can no longer be restored, now and every hour. Downloads of versions that are
 * gone are forgotten too.
 */
export function startPurgingDeletedVersions({ registry: { db }, config, log }: Context): Repetition {
  return startRepeating(
    async (signal) => {
      // A restored copy may want back what the original has forgotten since.
      if (await readHold(db)) return;
      const versions = await purgeDeleted(db, restoreSecondsOf(config), signal);
      const pulls = await dropStalePulls(db, signal);
      if (versions + pulls > 0) log.debug({ versions, pulls }, 'deleted versions were forgotten');
    },
    intervalMs,
    (error) => log.warn({ error }, 'deleted versions were not forgotten, the next purge tries again'),
  );
}
