import { afterEach, beforeEach, expect } from 'vitest';
import type { MaintenanceDeps } from '../../core/maintenance/maintenance.ts';
import { verifyRegistry } from '../../core/maintenance/verify.ts';
import { type EmbeddedRegistry, startEmbedded } from './embedded.ts';

/** Tools for tests of maintenance: garbage collection, repair and verification. */
export interface MaintenanceTools {
  readonly registry: EmbeddedRegistry;
  readonly maintenance: MaintenanceDeps;
  /** Lists the digests of the blobs in the store. */
  stored(): Promise<string[]>;
}

/**
 * Gives each test a registry without a worker. After each test every version must have its bytes, and no deadlock may have
 * happened.
 */
export function useMaintenance(): MaintenanceTools {
  let registry: EmbeddedRegistry | undefined;
  const tools: MaintenanceTools = {
    get registry() {
      if (!registry) throw new Error('the test has not begun');
      return registry;
    },
    get maintenance() {
      const { log, registry } = tools.registry.context;
      const { db, blobs, locks } = registry;
      return { db, blobs, locks, log };
    },
    async stored() {
      const names = (await tools.registry.blobs()).filter((name) => /[0-9a-f]{64}$/.test(name));
      return names.map((name) => `sha256:${name.slice(-64)}`);
    },
  };
  beforeEach(async () => {
    registry = await startEmbedded({ gcInterval: 0 }, { worker: false });
  });
  afterEach(async () => {
    const { db } = tools.maintenance;
    const faults: string[] = [];
    await verifyRegistry(db, tools.registry.context.store, {
      graceMs: 0,
      onFault: (line) => faults.push(line),
    });
    const [row] = await db.query<{ deadlocks: number }>(
      'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
    );
    await tools.registry.close();
    expect(faults).toEqual([]);
    expect(row?.deadlocks).toBe(0);
  });
  return tools;
}
