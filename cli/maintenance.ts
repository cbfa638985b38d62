import { join, resolve } from 'node:path';
import { loadConfig } from '../core/config/load.ts';
import type { Config } from '../core/config/settings.ts';
import { openStorage } from '../core/drivers/storage.ts';
import { type Collected, collectGarbage } from '../core/maintenance/collect.ts';
import type { Copies } from '../core/maintenance/copies.ts';
import { createFolderCopies } from '../core/maintenance/copies-folder.ts';
import { createUrlCopies } from '../core/maintenance/copies-url.ts';
import type { MaintenanceDeps } from '../core/maintenance/maintenance.ts';
import { type Verified, verifyRegistry } from '../core/maintenance/verify.ts';
import { createShutdownHooks } from '../core/runtime/shutdown-hooks.ts';
import { FolderInUseError, StartError } from '../core/runtime/startup-error.ts';
import { errorCode } from '../core/runtime/transient-errors.ts';
import { startLog } from './start-log.ts';

const say = (line: string) => process.stdout.write(`${line}\n`);

/**
 * `helm-registry gc`
 * @throws {StartError} when another collection runs, or a part cannot be reached
 */
export async function runGc(options: { config?: string; grace?: number; dryRun?: boolean }): Promise<void> {
  const config = await loadConfig(process.env, options.config);
  const grace = options.grace ?? config.gcGrace;
  const dryRun = options.dryRun ?? false;
  const collected = await withUpkeep('gc', config, (upkeep) =>
    collectGarbage(upkeep, { grace, expiry: config.ociExpiry, dryRun }),
  );
  if (!collected) throw new StartError('another garbage collection is running; this one did nothing');
  for (const line of describeCollected(collected, grace, dryRun)) say(line);
  if (collected.failed > 0) process.exitCode = 1;
}

function describeCollected(collected: Collected, grace: number, dryRun: boolean): string[] {
  const { found, removed, freed, failed, waiting } = collected;
  const lines = [
    `${dryRun ? 'would remove' : 'removed'} ${count(removed, 'blob')} (${count(freed, 'byte')}); ` +
      `${count(waiting, 'blob')} ${waiting === 1 ? 'waits' : 'wait'} for the grace of ${count(grace, 'second')} or for a job`,
  ];
  if (found > 0) lines.push(`found ${count(found, 'blob')} that nothing names and nobody had written down`);
  if (failed > 0) lines.push(`${count(failed, 'blob')} could not be removed, the log says why`);
  return lines;
}

/**
 * `helm-registry verify`
 * @param options.repair folder or address of good copies
 * @throws {StartError} when a part cannot be reached, which says nothing about the data
 */
export async function runVerify(options: { config?: string; repair?: string }): Promise<void> {
  const config = await loadConfig(process.env, options.config);
  const progress = process.stderr.isTTY ? showProgress : undefined;
  const copies = options.repair === undefined ? undefined : await openCopies(options.repair);
  const folder = join(resolve(config.dataDir), 'uploads');
  const verified = await withUpkeep('verify', config, ({ db, blobs }) =>
    verifyRegistry(db, blobs, {
      // An upload that has put its bytes waits for its lock, then for little more than a commit.
      graceMs: config.lockTimeout + 10_000,
      onFault: say,
      ...(progress && { onProgress: progress }),
      ...(copies && { repair: { copies, folder, maxSize: config.limitBlob } }),
    }),
  ).finally(() => copies?.close());
  if (progress) process.stderr.write('\n');
  for (const line of describeVerified(verified, copies !== undefined)) say(line);
  if (verified.faults > 0) process.exitCode = 1;
}

function describeVerified(verified: Verified, repairs: boolean): string[] {
  const { versions, blobs, bytes, faults, repaired, damaged, refused, waiting } = verified;
  const lines: string[] = [];
  if (waiting > 0)
    lines.push(
      `${count(waiting, 'blob')} without a name ${waiting === 1 ? 'waits' : 'wait'} for garbage collection, as they should`,
    );
  if (refused > 0)
    lines.push(`${count(refused, 'read')} of damaged or missing blobs had been refused before`);
  if (damaged > 0 && !repairs)
    lines.push(
      `${count(damaged, 'blob')} can be mended: upload the same content again, or run \`helm-registry verify --repair FOLDER|URL\` with good copies`,
    );
  const wrong = faults === 0 ? 'nothing is wrong' : count(faults, 'fault');
  const mended = repaired > 0 ? `, ${count(repaired, 'fault')} mended` : '';
  lines.push(
    `${count(versions, 'version')}, ${count(blobs, 'blob')}, ${count(bytes, 'byte')} read: ${wrong}${mended}`,
  );
  return lines;
}

/** @throws {StartError} when there is no such folder, or nobody answers at the address */
async function openCopies(from: string): Promise<Copies> {
  const isAddress = /^https?:\/\//i.test(from);
  if (isAddress && !URL.canParse(from))
    throw new StartError('--repair: this is no address; expected http://HOST/PATH, or a folder');
  const copies = isAddress ? createUrlCopies(from) : createFolderCopies(from);
  try {
    await copies.assertReachable();
  } catch (error) {
    await copies.close();
    const what = isAddress ? `cannot reach ${copies.name}` : `cannot read the folder ${from}`;
    throw new StartError(`--repair: ${what}: ${errorCode(error)}`, { cause: error });
  }
  return copies;
}

function showProgress({ blobs, bytes, faults }: Verified): void {
  process.stderr.write(`\r${count(blobs, 'blob')}, ${count(bytes, 'byte')}, ${count(faults, 'fault')} `);
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}

/** Opens what is needed, works, and closes it; what goes wrong becomes a line for the operator. */
async function withUpkeep<T>(
  command: string,
  config: Config,
  work: (upkeep: MaintenanceDeps) => Promise<T>,
): Promise<T> {
  // Standard output is for the answer.
  const log = startLog(config, 2, 'warn');
  const closers = createShutdownHooks(log);
  try {
    const options = { migrate: false, name: `helm-registry ${command}` };
    const { db, blobs, locks } = await openStorage(config, log, closers, options);
    return await work({ db, blobs, locks, log });
  } catch (error) {
    throw explain(command, config, error);
  } finally {
    await closers.close();
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
  return new StartError(`${command} did not come to its end: ${errorCode(error)}`, { cause: error });
}
