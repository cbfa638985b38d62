import type { Digest } from '../../core/blobs/port.ts';
import { type Collected, collectGarbage } from '../../core/maintenance/collect.ts';
import { packChart } from './charts.ts';
import { type UpkeepTools, useUpkeep } from './upkeep.ts';

/** A collection that found nothing to do. */
export const nothing: Collected = { found: 0, removed: 0, freed: 0, failed: 0, waiting: 0 };

/** A version of the chart whose bytes come and go, and where it is. */
export const web = (version: string, values = {}) => packChart({ name: 'web', version, values });
export const path = (space: string, version: string) => `/spaces/${space}/charts/web/versions/${version}`;

export interface GarbageTools extends UpkeepTools {
  collect(grace?: number): Promise<Collected | undefined>;
  remove(space: string, version: string): Promise<Response>;
  download(space: string, version: string): Promise<{ status: number; bytes: Buffer }>;
  /** Digests that are written down as garbage, the oldest first. */
  entries(): Promise<Digest[]>;
}

/** What garbage collection is tested with; see `useUpkeep`. */
export function useGarbage(): GarbageTools {
  const use = useUpkeep();
  return Object.assign(use, {
    collect: (grace = 0) => collectGarbage(use.upkeep, { grace }),
    remove: (space: string, version: string) => use.registry.api(path(space, version), { method: 'DELETE' }),
    async download(space: string, version: string) {
      const response = await use.registry.api(path(space, version));
      return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
    },
    async entries() {
      const rows = await use.upkeep.db.query<{ digest: Digest }>('SELECT digest FROM garbage ORDER BY since');
      return rows.map((row) => row.digest);
    },
  });
}
