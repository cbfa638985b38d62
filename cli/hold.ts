import { openDatabase } from '../core/drivers/database.ts';
import {
  countWaitingWork,
  holdRegistry,
  readHold,
  resumeRegistry,
  type WaitingWork,
} from '../core/maintenance/hold.ts';
import { waitForWorkersAtRest } from '../core/maintenance/rest.ts';
import { Unfinished } from '../core/runtime/startup-error.ts';
import { print, withOpened } from './access/with-access.ts';

/**
 * Runs `helm-registry hold`. The command migrates the database, holds the registry, and waits for what had begun before.
 * @throws {Unfinished} when workers are busy still after `options.wait` seconds; the registry is held then
 */
export async function runHold(options: { config?: string; reason: string; wait: number }): Promise<void> {
  const open: typeof openDatabase = (config, log, shutdownHooks, { name }) =>
    openDatabase(config, log, shutdownHooks, { name, migrate: true });
  await withOpened('hold', options, open, async ({ db }) => {
    await holdRegistry(db, options.reason);
    print(`held: ${describe(await countWaitingWork(db))} wait for \`helm-registry resume\``);
    const busy = await waitForWorkersAtRest(db, options.wait * 1_000, (workers) =>
      process.stderr.write(`waiting for ${formatWorkerCount(workers)} to end what had begun before\n`),
    );
    if (busy > 0)
      throw new Unfinished(
        `the registry is held, but ${formatWorkerCount(busy)} ${busy === 1 ? 'has' : 'have'} not ended what had begun before (jobs, calls of webhooks, mirrors), or cannot say so, being of an older release. Run the command again to wait on, or stop ${busy === 1 ? 'it' : 'them'}`,
      );
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

function formatWorkerCount(workers: number): string {
  return `${workers} worker${workers === 1 ? '' : 's'}`;
}
