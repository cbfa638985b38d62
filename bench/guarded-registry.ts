import { rm } from 'node:fs/promises';
import { createPool } from '../core/db/pool.ts';
import type { Database } from '../core/db/port.ts';
import { serve } from '../test/support/process.ts';
import { startPostgres } from '../test/support/servers/postgres.ts';
import { makeDataDir } from './support.ts';

/** Registry with guarded access, which believes the addresses of clients that a proxy names. */
export interface GuardedRegistry {
  registry: Awaited<ReturnType<typeof serve>>;
  db: Database;
  /** Ends the registry and its PostgreSQL, and removes their files. */
  dispose(): Promise<void>;
}

/**
 * Starts a registry with guarded access on a PostgreSQL of its own.
 * @param environment further variables of the registry
 */
export async function startGuardedRegistry(
  environment: Record<string, string> = {},
): Promise<GuardedRegistry> {
  const dataDir = await makeDataDir();
  const postgres = await startPostgres();
  const registry = await serve({
    ...{ DATABASE_URL: postgres.url, DATA_DIR: dataDir, ACCESS: 'guarded', TRUSTED_PROXIES: '127.0.0.0/8' },
    ...environment,
  });
  registry.process.stdout?.resume();
  const db = createPool({ url: postgres.url, applicationName: 'bench', onError: () => undefined });
  return {
    registry,
    db,
    async dispose() {
      await registry.end('SIGTERM');
      await db.close();
      await postgres.dispose();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
