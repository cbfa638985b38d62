import { createJobHandle, type JobHandle } from '../jobs/job-handle.ts';
import { type ComposeOptions, type DryRunOptions, sendDryRun, submitRecipe } from '../jobs/submit.ts';
import { createList, type List } from '../lists/list.ts';
import { encodeSegment } from '../transport/address.ts';
import { jsonBody } from '../transport/call.ts';
import type { CallOptions } from '../transport/options.ts';
import type { Transport } from '../transport/transport.ts';
import type { CompareQuery, Comparison } from '../types/comparison.ts';
import type { DryRun, Lineage } from '../types/composition.ts';
import type { JsonObject } from '../types/json.ts';
import type { ComposedState } from '../types/outdated.ts';
import type { Recipe, Recomposition } from '../types/recipes.ts';
import type { RestoredVersion } from '../types/retention.ts';
import type {
  Dependent,
  FullVersionDetails,
  Metadata,
  ValuesWithOrigins,
  VersionRef,
} from '../types/versions.ts';
import { createVersionArchive, type VersionArchive } from './version-archive.ts';
import { createVersionFiles, type VersionFiles } from './version-files.ts';

/** Version of a chart. */
export interface VersionClient extends VersionArchive, VersionFiles {
  readonly ref: VersionRef;
  /** Reads what a page about the version shows. */
  details(options?: CallOptions): Promise<FullVersionDetails>;
  /** Reads Chart.yaml as JSON. */
  metadata(options?: CallOptions): Promise<Metadata>;
  /** Rewrites Chart.yaml; name and version must stay. */
  rewriteMetadata(metadata: Metadata, options?: CallOptions): Promise<Metadata>;
  /** Reads the values that templates get when a user sets none. */
  values(options?: CallOptions): Promise<JsonObject>;
  /** Reads the values, with the chart and file that each of them comes from. */
  valuesWithOrigins(options?: CallOptions): Promise<ValuesWithOrigins>;
  /** Rewrites values.yaml. */
  rewriteValues(values: JsonObject, options?: CallOptions): Promise<JsonObject>;
  /** Reads how it was composed. @throws {RegistryError} `lineage.notFound` for an uploaded version */
  lineage(options?: CallOptions): Promise<Lineage>;
  /** Reads the recipe of a composed version, without its callback. */
  recipe(options?: CallOptions): Promise<Recipe>;
  /** Versions that were composed from it, the newest first. */
  dependents(options?: CallOptions): List<Dependent>;
  /** Tells whether it is up to date, of a composed version. */
  outdated(options?: CallOptions): Promise<ComposedState>;
  /** Compares it with another version, of another chart too. */
  compare(other: string, query?: CompareQuery, options?: CallOptions): Promise<Comparison>;
  /**
   * Has it back after its deletion.
   * @param options.digest archive of the deletion to undo, where there are several; that of the last one by default
   * @throws {RegistryError} `deletion.notFound`, `deletion.final`, `version.exists`
   */
  restore(options?: CallOptions & { digest?: string }): Promise<RestoredVersion>;
  /** Composes its recipe again, with changes, as a new version. */
  recompose(wanted: Recomposition, options?: ComposeOptions): Promise<JobHandle>;
  /** Tells what recomposing would make, and stores nothing. */
  dryRunRecompose(wanted: Recomposition, options?: DryRunOptions): Promise<DryRun>;
}

/** Creates the client of a version. @throws {TypeError} for names that no path can have */
export function createVersion(transport: Transport, chartPath: string, ref: VersionRef): VersionClient {
  const path = `${chartPath}/versions/${encodeSegment(ref.version)}`;
  const values = `${path}/manifests/values`;
  const metadata = `${path}/manifests/metadata`;
  const recompose = `${path}/recompose`;
  return {
    ref,
    ...createVersionArchive(transport, path),
    ...createVersionFiles(transport, path),
    details: (options) => transport.json({ ...options, path: `${path}/details` }),
    metadata: (options) => transport.json({ ...options, path: metadata }),
    rewriteMetadata: (wanted, options) =>
      transport.json({ ...options, method: 'PUT', path: metadata, body: jsonBody(wanted) }),
    values: (options) => transport.json({ ...options, path: values }),
    valuesWithOrigins: (options) => transport.json({ ...options, path: values, query: { origin: true } }),
    rewriteValues: (wanted, options) =>
      transport.json({ ...options, method: 'PUT', path: values, body: jsonBody(wanted) }),
    lineage: (options) => transport.json({ ...options, path: `${path}/lineage` }),
    recipe: (options) => transport.json({ ...options, path: `${path}/recipe` }),
    dependents: (options) => createList(transport, { ...options, path: `${path}/dependents` }),
    outdated: (options) => transport.json({ ...options, path: `${path}/outdated` }),
    compare: (other, query, options) =>
      transport.json({ ...options, path: `${path}/compare/${encodeSegment(other)}`, query: { ...query } }),
    restore: ({ digest, ...options } = {}) =>
      transport.json({ ...options, method: 'POST', path: `${path}/restore`, query: { digest } }),
    recompose: async (wanted, options) =>
      createJobHandle(transport, await submitRecipe(transport, recompose, wanted, options)),
    dryRunRecompose: (wanted, options) => sendDryRun(transport, recompose, wanted, options),
  };
}
