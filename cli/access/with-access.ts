import { createOperatorActor } from '../../core/access/actor.ts';
import type { AdminDeps } from '../../core/access/admin/admin.ts';
import type { TokenPolicy } from '../../core/access/admin/tokens.ts';
import { loadConfig } from '../../core/config/load.ts';
import type { Config } from '../../core/config/settings.ts';
import { type DatabaseOptions, openDatabase } from '../../core/drivers/database.ts';
import { isRegistryError } from '../../core/errors.ts';
import type { Log } from '../../core/runtime/log.ts';
import { createShutdownHooks, type ShutdownHooks } from '../../core/runtime/shutdown-hooks.ts';
import { FolderInUseError, StartError } from '../../core/runtime/startup-error.ts';
import { startLog } from '../start-log.ts';
import { renderTable } from '../user/display/table.ts';

/** Options of every command that administers access. */
export interface AccessOptions {
  config?: string;
}

/** Dependencies of the use cases, for the operator on the registry's machine. */
export type OperatorDeps = AdminDeps & { policy: TokenPolicy };

/**
 * Runs `work` on the database, with all rights, recorded in the audit. An operator who can read the settings can read
 * the database anyway.
 * An embedded database that does not exist yet is made; one that a registry uses cannot be opened.
 * @throws {StartError} with a line for the operator
 */
export function withAccess(
  command: string,
  options: AccessOptions,
  work: (deps: OperatorDeps) => Promise<void>,
): Promise<void> {
  return withOpened(command, options, openDatabase, ({ db }, config) =>
    work({
      db,
      actor: createOperatorActor(`helm-registry ${command}`),
      policy: { maxDays: config.tokenMaxDays },
    }),
  );
}

/** Opens parts, runs `work` with them and closes them. @throws {StartError} with a line for the operator */
export async function withOpened<Opened>(
  command: string,
  { config: file }: AccessOptions,
  open: (config: Config, log: Log, shutdownHooks: ShutdownHooks, options: DatabaseOptions) => Promise<Opened>,
  work: (opened: Opened, config: Config) => Promise<void>,
): Promise<void> {
  const config = await loadConfig(process.env, file);
  const log = startLog(config, 2, 'warn');
  const shutdownHooks = createShutdownHooks(log);
  try {
    const options = { migrate: config.databaseUrl === '', name: `helm-registry ${command}` };
    await work(await open(config, log, shutdownHooks, options), config);
  } catch (error) {
    if (error instanceof FolderInUseError) {
      throw new StartError(
        `the data folder ${config.dataDir} is in use by a registry that runs. Stop it first, or administer it by its interface (/api/v1, docs/access.md)`,
        { cause: error },
      );
    }
    if (isRegistryError(error)) throw new StartError(error.message, { cause: error });
    throw error;
  } finally {
    await shutdownHooks.close();
  }
}

/** Prints a line of the result. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Prints rows as a table, under a line of column names. */
export function printTable(columns: readonly string[], rows: readonly (readonly (string | null)[])[]): void {
  const cells = rows.map((row) => row.map((cell) => cell ?? '-'));
  for (const line of renderTable(columns, cells)) print(line);
}

/** Page that has everything: the tables of the command line are not paged. */
export const unlimitedPaging = { start: 0, limit: 1_000_000 };
