import { createList, type List } from '../lists/list.ts';
import { jsonBody } from '../transport/call.ts';
import type { CallOptions } from '../transport/options.ts';
import type { Transport } from '../transport/transport.ts';
import type {
  Mirror,
  MirrorOutcome,
  MirrorResult,
  MirrorRun,
  MirrorVersion,
  NewMirror,
} from '../types/mirrors.ts';

/** Mirror of a space: what copies charts of another server into it. */
export interface MirrorClient {
  /** Reads its settings and its newest run. @throws {RegistryError} `mirror.notFound` */
  get(options?: CallOptions): Promise<Mirror>;
  /** Makes the space a mirror, or changes it; a run begins at once. */
  set(wanted: NewMirror, options?: CallOptions): Promise<Mirror>;
  /** Ends the mirror; its charts stay. */
  end(options?: CallOptions): Promise<void>;
  /** Has it run now, unless it does. */
  run(options?: CallOptions): Promise<Mirror>;
  /** Runs, the newest first. */
  runs(options?: CallOptions): List<MirrorRun>;
  /** Results of a run, by its number; old runs keep none. @throws {RegistryError} `mirror.runNotFound` */
  results(run: number, filter?: { outcome?: MirrorOutcome }, options?: CallOptions): List<MirrorResult>;
  /** Versions with their last outcomes. */
  versions(filter?: { outcome?: MirrorOutcome }, options?: CallOptions): List<MirrorVersion>;
}

/** Creates the client of the mirror of a space. */
export function createMirror(transport: Transport, spacePath: string): MirrorClient {
  const path = `${spacePath}/mirror`;
  const runs = `${path}/runs`;
  return {
    get: (options) => transport.json({ ...options, path }),
    set: (wanted, options) => transport.json({ ...options, method: 'PUT', path, body: jsonBody(wanted) }),
    end: (options) => transport.done({ ...options, method: 'DELETE', path }),
    run: (options) => transport.json({ ...options, method: 'POST', path: runs }),
    runs: (options) => createList(transport, { ...options, path: runs }),
    results: (run, filter, options) =>
      createList(transport, { ...options, path: `${runs}/${run}/results`, query: { ...filter } }),
    versions: (filter, options) =>
      createList(transport, { ...options, path: `${path}/versions`, query: { ...filter } }),
  };
}
