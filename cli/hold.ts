import { openDatabase } from '../core/drivers/database.ts';
import {
  countWaitingWork,
  holdRegistry,
  readHold,
  resumeRegistry,
  type WaitingWork,
} from '../core/maintenance/hold.ts';
import { print, withOpened } from './access/with-access.ts';

/** Runs `helm-registry hold`: migrates the database, and holds the registry. */
export async function runHold(options: { config?: string; reason: string }): Promise<void> {
  const open: typeof openDatabase = (config, log, shutdownHooks, { name }) =>
    openDatabase(config, log, shutdownHooks, { name, migrate: true });
  await withOpened('hold', options, open, async ({ db }) => {
    await holdRegistry(db, options.reason);
    print(`held: ${describe(await countWaitingWork(db))} wait for \`helm-registry resume\``);
  });
}

/** Runs `helm-registry resume`. */
export async function runResume(options: { config?: string; dryRun?: boolean }): Promise<void> {
  await withOpened('resume', options, openDatabase, async ({ db }) => {
    const hold = await readHold(db);
    const waiting = describe(await countWaitingWork(db));
    if (!hold) return print('the registry is not held');
    if (options.dryRun) {
      print(`held since ${hold.heldAt.toISOString()} (${hold.reason}); would begin ${waiting}`);
    } else {
      await resumeRegistry(db);
      print(`resumed: workers begin ${waiting}`);
    }
  });
}

function describe({ jobs, deliveries, follows, mirrors, retentions }: WaitingWork): string {
  return `${jobs} jobs, ${deliveries} deliveries, ${follows} due follows, ${mirrors} mirrors and ${retentions} runs of retention`;
}
