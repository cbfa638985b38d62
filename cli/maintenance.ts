import { join, resolve } from 'node:path';
import { loadConfig } from '../core/config/load.ts';
import type { Config } from '../core/config/settings.ts';
import { restoreSecondsOf } from '../core/deletions/restore-time.ts';
import { openStorage } from '../core/drivers/storage.ts';
import { type CollectionResult, collectGarbage } from '../core/maintenance/collect.ts';
import type { Copies } from '../core/maintenance/copies.ts';
import { createFolderCopies } from '../core/maintenance/copies-folder.ts';
import { createUrlCopies } from '../core/maintenance/copies-url.ts';
import { RegistryHeldError, readHold } from '../core/maintenance/hold.ts';
import type { MaintenanceDeps } from '../core/maintenance/maintenance.ts';
import { type VerificationCounts, verifyRegistry } from '../core/maintenance/verify.ts';
import { createShutdownHooks } from '../core/runtime/shutdown-hooks.ts';
import { FolderInUseError, StartError, Unfinished } from '../core/runtime/startup-error.ts';
import { errorCode } from '../core/runtime/transient-errors.ts';
import { startLog } from './start-log.ts';

const print = (line: string) => process.stdout.write(`${line}\n`);

/**
 * Runs `helm-registry gc`.
 * @throws {StartError} when the registry is held, another collection runs, or a part cannot be reached
 */
export async function runGc(options: { config?: string; grace?: number; dryRun?: boolean }): Promise<void> {
  const config = await loadConfig(process.env, options.config);
  const graceSeconds = options.grace ?? config.gcGrace;
  // A grace that somebody names counts for deleted versions too: it is how room is made at once.
  const restoreSeconds = options.grace ?? restoreSecondsOf(config);
  const dryRun = options.dryRun ?? false;
  const collected = await withMaintenance('gc', config, async (maintenance) => {
    if (!dryRun && (await readHold(maintenance.db)))
      throw new StartError(
        'the registry is held, as a restored copy is: make sure that its store is its own, then run `helm-registry resume`',
      );
    return collectGarbage(maintenance, {
      graceSeconds,
      restoreSeconds,
      expirySeconds: config.ociExpiry,
      dryRun,
    });
  });
  if (!collected) throw new StartError('another garbage collection is running; this one did nothing');
  for (const line of describeCollected(collected, graceSeconds, dryRun)) print(line);
  if (collected.failed > 0) process.exitCode = 1;
}

function describeCollected(collected: CollectionResult, graceSeconds: number, dryRun: boolean): string[] {
  const { found, removed, freed, failed, waiting } = collected;
  const lines = [
    `${dryRun ? 'would remove' : 'removed'} ${formatCountOf(removed, 'blob')} (${formatCountOf(freed, 'byte')}); ` +
      `${formatCountOf(waiting, 'blob')} ${waiting === 1 ? 'waits' : 'wait'} for the grace of ${formatCountOf(graceSeconds, 'second')}, for RESTORE_FOR or for a job`,
  ];
  if (found > 0)
    lines.push(`found ${formatCountOf(found, 'blob')} without a reference that had not been recorded`);
  if (failed > 0)
    lines.push(`${formatCountOf(failed, 'blob')} could not be removed; the log has the reasons`);
  return lines;
}

/**
 * Runs `helm-registry verify`.
 * @param options.repair folder or address of good copies
 * @throws {StartError} when it cannot begin
 * @throws {Unfinished} when a part, or the good copies, cannot be reached, which says nothing about the data
 */
export async function runVerify(options: { config?: string; repair?: string }): Promise<void> {
  const config = await loadConfig(process.env, options.config);
  const progress = process.stderr.isTTY ? showProgress : undefined;
  const copies = options.repair === undefined ? undefined : await openCopies(options.repair);
  const folder = join(resolve(config.dataDir), 'uploads');
  const verified = await withMaintenance('verify', config, ({ db, blobs }) =>
    verifyRegistry(db, blobs, {
      // An upload that has stored its bytes waits for its lock, and then for little more than a commit.
      graceMs: config.lockTimeout + 10_000,
      restore: restoreSecondsOf(config),
      onFault: print,
      ...(progress && { onProgress: progress }),
      ...(copies && { repair: { copies, folder, maxSize: config.limitBlob } }),
    }),
  ).finally(() => copies?.close());
  if (progress) process.stderr.write('\n');
  for (const line of describeVerified(verified, copies !== undefined)) print(line);
  if (verified.faults > 0) process.exitCode = verified.hindered > 0 ? 2 : 1;
}

function describeVerified(verified: VerificationCounts, repairs: boolean): string[] {
  const { versions, deleted, blobs, kept, bytes, faults, repaired, damaged, hindered, refused, waiting } =
    verified;
  const lines: string[] = [];
  if (waiting > 0)
    lines.push(
      `${formatCountOf(waiting, 'blob')} without a reference ${waiting === 1 ? 'waits' : 'wait'} for garbage collection, as they should`,
    );
  if (refused > 0)
    lines.push(`${formatCountOf(refused, 'read')} of damaged or missing blobs had been refused before`);
  if (damaged > 0 && !repairs)
    lines.push(
      `${formatCountOf(damaged, 'blob')} can be repaired: upload the same content again, or run \`helm-registry verify --repair FOLDER|URL\` with good copies`,
    );
  if (hindered > 0)
    lines.push(
      `${formatCountOf(hindered, 'blob')} could not be checked or repaired for a reason that may pass: run this again once it has`,
    );
  const wrong = faults === 0 ? 'nothing is wrong' : formatCountOf(faults, 'fault');
  const repairCount = repaired > 0 ? `, ${formatCountOf(repaired, 'fault')} repaired` : '';
  const deletions = deleted > 0 ? `${formatCountOf(deleted, 'deleted version')} that can be restored, ` : '';
  const documents = kept > 0 ? `${formatCountOf(kept, 'OCI document')}, ` : '';
  lines.push(
    `${formatCountOf(versions, 'version')}, ${deletions}${formatCountOf(blobs, 'blob')}, ${documents}${formatCountOf(bytes, 'byte')} read: ${wrong}${repairCount}`,
  );
  return lines;
}

/**
 * Opens a folder or address of good copies.
 * @throws {StartError} when there is no such folder, or the address does not answer
 */
async function openCopies(from: string): Promise<Copies> {
  const isAddress = /^https?:\/\//i.test(from);
  if (isAddress && !URL.canParse(from))
    throw new StartError('--repair: this is not an address; expected http://HOST/PATH, or a folder');
  const copies = isAddress ? createUrlCopies(from) : createFolderCopies(from);
  try {
    await copies.assertReachable();
  } catch (error) {
    await copies.close();
    const what = isAddress ? `cannot reach ${copies.name}` : `cannot read the folder ${from}`;
    throw new Unfinished(`--repair: ${what}: ${errorCode(error)}`, { cause: error });
  }
  return copies;
}

function showProgress({ blobs, bytes, faults }: VerificationCounts): void {
  process.stderr.write(
    `\r${formatCountOf(blobs, 'blob')}, ${formatCountOf(bytes, 'byte')}, ${formatCountOf(faults, 'fault')} `,
  );
}

function formatCountOf(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}

/** Runs `work` with database, blobs and locks, closes them, and turns errors into a line for the operator. */
async function withMaintenance<T>(
  command: string,
  config: Config,
  work: (maintenance: MaintenanceDeps) => Promise<T>,
): Promise<T> {
  // Log to standard error: standard output is for the result.
  const log = startLog(config, 2, 'warn');
  const shutdownHooks = createShutdownHooks(log);
  try {
    const options = { migrate: false, name: `helm-registry ${command}` };
    const { db, blobs, locks } = await openStorage(config, log, shutdownHooks, options);
    return await work({ db, blobs, locks, log });
  } catch (error) {
    throw explain(command, config, error);
  } finally {
    await shutdownHooks.close();
  }
}

function explain(command: string, config: Config, error: unknown): StartError {
  if (error instanceof FolderInUseError) {
    const meanwhile =
      command === 'gc' && config.gcInterval > 0
        ? `; it collects garbage by itself every ${config.gcInterval} seconds (GC_INTERVAL)`
        : '';
    return new StartError(
      `the data folder ${config.dataDir} is in use by a registry that runs${meanwhile}. To run \`${command}\` now, stop that one first`,
      { cause: error },
    );
  }
  if (error instanceof StartError) return error;
  if (error instanceof RegistryHeldError)
    return new StartError(
      `${command} has ended: somebody holds the registry since. Run it after \`helm-registry resume\``,
    );
  return new Unfinished(`${command} did not come to its end: ${errorCode(error)}`, { cause: error });
}
