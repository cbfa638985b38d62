import type { Digest } from '../../core/blobs/port.ts';
import { type CollectionResult, collectGarbage } from '../../core/maintenance/collect.ts';
import { packChart } from './charts.ts';
import { type MaintenanceTools, useMaintenance } from './maintenance.ts';

/** Result of a garbage collection that found no orphan. */
export const nothing: CollectionResult = { found: 0, removed: 0, freed: 0, failed: 0, waiting: 0 };

/** Packs a version of the chart `web`. */
export const web = (version: string, values = {}) => packChart({ name: 'web', version, values });
/** Returns the path of a version of the chart `web`, below `/api/v1`. */
export const path = (space: string, version: string) => `/spaces/${space}/charts/web/versions/${version}`;

/** Tools for tests of garbage collection. */
export interface GarbageTools extends MaintenanceTools {
  collect(graceSeconds?: number): Promise<CollectionResult | undefined>;
  remove(space: string, version: string): Promise<Response>;
  download(space: string, version: string): Promise<{ status: number; bytes: Buffer }>;
  /** Lists the digests of recorded orphans, the oldest first. */
  entries(): Promise<Digest[]>;
}

/** Gives each test a registry and the tools for garbage collection; see `useMaintenance`. */
export function useGarbage(): GarbageTools {
  const use = useMaintenance();
  return Object.assign(use, {
    collect: (graceSeconds = 0) => collectGarbage(use.maintenance, { graceSeconds }),
    remove: (space: string, version: string) => use.registry.api(path(space, version), { method: 'DELETE' }),
    async download(space: string, version: string) {
      const response = await use.registry.api(path(space, version));
      return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
    },
    async entries() {
      const rows = await use.maintenance.db.query<{ digest: Digest }>(
        'SELECT digest FROM garbage ORDER BY since',
      );
      return rows.map((row) => row.digest);
    },
  });
}
