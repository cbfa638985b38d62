import { createList, type List } from '../lists/list.ts';
import { encodeSegment } from '../transport/address.ts';
import type { CallOptions } from '../transport/options.ts';
import type { Transport } from '../transport/transport.ts';
import type { VersionFilter } from '../types/charts.ts';
import type { ChartRef, Metadata, VersionDetails } from '../types/versions.ts';
import { createFollow, type FollowClient } from './follow.ts';
import { createVersion, type VersionClient } from './version.ts';

/** Chart of a space. */
export interface ChartClient {
  readonly ref: ChartRef;
  /** Follow of the chart: how it is composed anew when its sources change. */
  readonly follow: FollowClient;
  /** Names a version, without a request. */
  version(version: string): VersionClient;
  /** Versions, the highest first unless the filter says otherwise. */
  versions(filter?: VersionFilter, options?: CallOptions): List<VersionDetails>;
  /** Bare versions, ascending by precedence. */
  versionNames(options?: CallOptions): List<string>;
  /** Metadata of all versions, ascending by precedence. */
  metadata(options?: CallOptions): List<Metadata>;
  /** Reads the metadata of the latest version. */
  latestMetadata(options?: CallOptions): Promise<Metadata>;
  /** Deletes the chart with all its versions. */
  delete(options?: CallOptions): Promise<void>;
}

/** Creates the client of a chart. @throws {TypeError} for names that no path can have */
export function createChart(transport: Transport, spacePath: string, ref: ChartRef): ChartClient {
  const path = `${spacePath}/charts/${encodeSegment(ref.chart)}`;
  return {
    ref,
    follow: createFollow(transport, path),
    version: (version) => createVersion(transport, path, { ...ref, version }),
    versions: (filter, options) =>
      createList(transport, { ...options, path: `${path}/details`, query: { ...filter } }),
    versionNames: (options) => createList(transport, { ...options, path: `${path}/versions` }),
    metadata: (options) => createList(transport, { ...options, path: `${path}/metadata` }),
    latestMetadata: (options) => transport.json({ ...options, path: `${path}/metadata/latest` }),
    delete: (options) => transport.done({ ...options, method: 'DELETE', path }),
  };
}
