import type { Content } from '../blobs/port.ts';
import { type ChartSummary, inspectChart } from '../chart/read-chart.ts';
import { RegistryError } from '../errors.ts';
import { claimBlob, storeBlob } from './blob-claims.ts';
import { endLineage } from './lineage.ts';
import { checkSpaceName, checkVersionRef } from './names.ts';
import { explainMissing, spaceNotFound } from './not-found.ts';
import type { Registry, VersionRef } from './registry.ts';
import {
  addVersion,
  ensureSpace,
  findSpace,
  hasVersion,
  replaceContent,
  versionExistsError,
} from './rows.ts';
import { findArchive } from './versions.ts';

/**
 * Stores an uploaded archive as a new version; its name and version are those of its Chart.yaml.
 * @throws {RegistryError} what `inspectChart` finds wrong with it; `version.exists`, `resource.locked`,
 *   `space.notFound` where uploads may not create spaces
 */
export async function publishVersion(
  registry: Registry,
  space: string,
  archive: Content,
): Promise<VersionRef> {
  checkSpaceName(space);
  const summary = await inspect(registry, archive);
  const ref = { space, chart: summary.name, version: summary.version };
  checkVersionRef(ref);
  // Nobody needs to move bytes to hear that the version is there; what decides is the constraint below.
  if (await hasVersion(registry.db, ref)) throw versionExistsError(ref);
  await storeBlob(registry.db, registry.blobs, archive, () =>
    registry.locks.write([space, ref.chart, ref.version], async (tx) => {
      await claimBlob(tx, registry.blobs, archive);
      const spaceId = registry.autoCreateSpaces ? await ensureSpace(tx, space) : await findSpace(tx, space);
      if (spaceId === undefined) throw spaceNotFound(space);
      await addVersion(tx, spaceId, ref, archive, summary);
    }),
  );
  return ref;
}

/**
 * Gives an existing version other bytes; how it was composed, if it was, is forgotten.
 * @throws {RegistryError} `version.notFound` and its kin, `upload.mismatch` when the archive is of another chart or
 *   version, what `inspectChart` finds wrong with it, `resource.locked`
 */
export async function replaceVersion(registry: Registry, ref: VersionRef, archive: Content): Promise<void> {
  await findArchive(registry, ref);
  const summary = await inspect(registry, archive);
  if (summary.name !== ref.chart || summary.version !== ref.version) {
    throw new RegistryError(
      'upload.mismatch',
      `The archive is ${summary.name} ${summary.version}, the path says ${ref.chart} ${ref.version}: they must be the same.`,
    );
  }
  await storeBlob(registry.db, registry.blobs, archive, () =>
    registry.locks.write([ref.space, ref.chart, ref.version], async (tx) => {
      await claimBlob(tx, registry.blobs, archive);
      if (!(await replaceContent(tx, ref, archive, summary))) throw await explainMissing(tx, ref);
      await endLineage(tx, ref);
    }),
  );
}

function inspect({ inspecting, limits }: Registry, archive: Content): Promise<ChartSummary> {
  return inspecting.pass(() => inspectChart(archive.open(), limits, { outline: true }));
}
