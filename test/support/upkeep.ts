import { afterEach, beforeEach, expect } from 'vitest';
import type { Upkeep } from '../../core/maintenance/maintenance.ts';
import { verifyRegistry } from '../../core/maintenance/verify.ts';
import { type EmbeddedRegistry, startEmbedded } from './embedded.ts';

/** What upkeep is tested on. */
export interface UpkeepTools {
  readonly registry: EmbeddedRegistry;
  readonly upkeep: Upkeep;
  /** Digests of the blobs that lie on the disk. */
  stored(): Promise<string[]>;
}

/** Gives each test a registry without a worker; after each, every version must have its bytes, and nothing met in a deadlock. */
export function useUpkeep(): UpkeepTools {
  let registry: EmbeddedRegistry | undefined;
  const tools: UpkeepTools = {
    get registry() {
      if (!registry) throw new Error('the test has not begun');
      return registry;
    },
    get upkeep() {
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
    const { db } = tools.upkeep;
    const faults: string[] = [];
    await verifyRegistry(db, tools.registry.context.store, {
      patience: 0,
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
