import { type AccountsClient, createAccounts } from '../admin/accounts.ts';
import { createMembers, type MembersClient } from '../admin/members.ts';
import { createMirror, type MirrorClient } from '../admin/mirror.ts';
import { createWebhooks, type WebhooksClient } from '../admin/webhooks.ts';
import { type CursorList, createCursorList } from '../lists/cursor-list.ts';
import { createList, type List } from '../lists/list.ts';
import { encodeSegment } from '../transport/address.ts';
import { jsonBody } from '../transport/call.ts';
import type { CallOptions } from '../transport/options.ts';
import type { Transport } from '../transport/transport.ts';
import type {
  ChartDetails,
  ChartFilter,
  DeeperRepository,
  Space,
  SpaceChanges,
  SpaceRole,
} from '../types/charts.ts';
import type { DeletedVersion } from '../types/retention.ts';
import type { ChartLink, Metadata } from '../types/versions.ts';
import { type ChartClient, createChart } from './chart.ts';
import { createRetention, type RetentionClient } from './retention.ts';
import { createUploadForm, type UploadFile, type UploadFiles } from './upload-form.ts';

/** Options of an upload. */
export interface UploadOptions extends UploadFiles {
  /** Time at which the version was published, for a copy from elsewhere; default now. */
  createdAt?: Date | undefined;
}

/** Space. */
export interface SpaceClient {
  readonly name: string;
  readonly members: MembersClient;
  readonly accounts: AccountsClient<SpaceRole>;
  readonly webhooks: WebhooksClient;
  readonly mirror: MirrorClient;
  readonly retention: RetentionClient;
  /** Address to which the form of `createUploadForm` is posted. */
  readonly uploadUrl: string;
  /** Names a chart, without a request. */
  chart(name: string): ChartClient;
  /** Reads settings and counts. */
  get(options?: CallOptions): Promise<Space>;
  /** Changes settings; what is absent stays. */
  change(settings: SpaceChanges, options?: CallOptions): Promise<Space>;
  /** Deletes the space with all charts. */
  delete(options?: CallOptions): Promise<void>;
  /** Charts with their latest versions. */
  charts(filter?: ChartFilter, options?: CallOptions): List<ChartDetails>;
  /** Bare names of charts, ascending. */
  chartNames(options?: CallOptions): List<string>;
  /** Deleted versions that can be restored, those deleted last first. */
  deleted(filter?: { chart?: string }, options?: CallOptions): List<DeletedVersion>;
  /** OCI repositories deeper than `SPACE/NAME`, by name. */
  repositories(options?: CallOptions): CursorList<DeeperRepository>;
  /** Metadata of every version of every chart of the space. */
  metadata(options?: CallOptions): List<Metadata>;
  /** Metadata of the latest version of each chart. */
  latestMetadata(options?: CallOptions): List<Metadata>;
  /** Uploads an archive as a new version. @throws {RegistryError} `version.exists` and others */
  upload(archive: UploadFile, options?: UploadOptions & CallOptions): Promise<ChartLink>;
}

/** Creates the client of a space. @throws {TypeError} for names that no path can have */
export function createSpace(transport: Transport, name: string): SpaceClient {
  const path = `/api/v1/spaces/${encodeSegment(name)}`;
  const charts = `${path}/charts`;
  return {
    name,
    members: createMembers(transport, path),
    accounts: createAccounts(transport, path),
    webhooks: createWebhooks(transport, path),
    mirror: createMirror(transport, path),
    retention: createRetention(transport, path),
    uploadUrl: transport.urlOf(charts),
    chart: (chart) => createChart(transport, path, { space: name, chart }),
    get: (options) => transport.json({ ...options, path }),
    change: (settings, options) =>
      transport.json({ ...options, method: 'PATCH', path, body: jsonBody(settings) }),
    delete: (options) => transport.done({ ...options, method: 'DELETE', path }),
    charts: (filter, options) =>
      createList(transport, { ...options, path: `${path}/details`, query: { ...filter } }),
    chartNames: (options) => createList(transport, { ...options, path: charts }),
    deleted: (filter, options) =>
      createList(transport, { ...options, path: `${path}/deleted`, query: { ...filter } }),
    repositories: (options) => createCursorList(transport, { ...options, path: `${path}/repositories` }),
    metadata: (options) => createList(transport, { ...options, path: `${path}/metadata` }),
    latestMetadata: (options) => createList(transport, { ...options, path: `${path}/metadata/latest` }),
    upload: (archive, { provenance, createdAt, ...options } = {}) =>
      transport.json({
        ...options,
        method: 'POST',
        path: charts,
        query: { created: createdAt?.toISOString() },
        body: { content: createUploadForm(archive, { provenance }) },
      }),
  };
}
