import { contentOf } from '../blobs/content.ts';
import { packArchive } from '../chart/archive-write.ts';
import type { ChartFiles } from '../chart/chart.ts';
import { getKey, type JsonObject } from '../chart/json.ts';
import { inspectChart, readFiles } from '../chart/read-chart.ts';
import { replaceManifest, replaceValues } from '../chart/rewrite.ts';
import { RegistryError } from '../errors.ts';
import type { Lease } from '../locks/lease.ts';
import { claimBlob, storeBlob } from './blob-claims.ts';
import { nameOf } from './names.ts';
import { explainMissing } from './not-found.ts';
import type { Registry, VersionRef } from './registry.ts';
import { replaceContent } from './version-rows.ts';
import { findArchive } from './versions.ts';

/**
 * Rewrites the root Chart.yaml of a version to say `metadata`; the dependencies that it declares stay.
 * @returns the new metadata, with the tree of subcharts
 * @throws {RegistryError} `metadata.invalid` when name or version change, or Helm would not load the result;
 *   `version.notFound` and its kin, `resource.locked`
 */
export async function rewriteMetadata(
  registry: Registry,
  ref: VersionRef,
  metadata: JsonObject,
): Promise<JsonObject> {
  await findArchive(registry, ref);
  for (const [key, wanted] of [
    ['name', ref.chart],
    ['version', ref.version],
  ] as const) {
    const given = getKey(metadata, key);
    if (given === wanted) continue;
    throw new RegistryError(
      'metadata.invalid',
      `${key} must stay ${wanted}${given === undefined ? '; it is missing' : `, not ${JSON.stringify(given)}`}.`,
      { pointer: `/${key}` },
    );
  }
  return rewriteVersion(registry, ref, (files) => replaceManifest(files, metadata));
}

/**
 * Rewrites the root values.yaml of a version; its subcharts' own files stay.
 * @throws {RegistryError} `version.notFound` and its kin, `resource.locked`
 */
export async function rewriteValues(registry: Registry, ref: VersionRef, values: JsonObject): Promise<void> {
  await rewriteVersion(registry, ref, (files) => replaceValues(files, values));
}

async function rewriteVersion(
  registry: Registry,
  ref: VersionRef,
  change: (files: ChartFiles) => ChartFiles,
): Promise<JsonObject> {
  // Two rewrites of one version follow one another, or the second would undo the first.
  const lease = await registry.locks.lease([ref.space, ref.chart, ref.version]);
  try {
    return await registry.rewriting.pass(() => rewriteHeld(registry, ref, lease, change));
  } finally {
    await lease.release();
  }
}

async function rewriteHeld(
  registry: Registry,
  ref: VersionRef,
  lease: Lease,
  change: (files: ChartFiles) => ChartFiles,
): Promise<JsonObject> {
  const { digest } = await findArchive(registry, ref);
  const stored = await registry.blobs.open(digest);
  if (!stored) throw new Error(`the bytes of ${nameOf(ref)} are missing`);
  const files = change(await readFiles(stored, registry.limits));
  const archive = contentOf(await packArchive(ref.chart, files));
  const summary = await inspectChart(archive.open(), registry.limits);
  await storeBlob(registry.db, registry.blobs, archive, () =>
    lease.write(async (tx) => {
      await claimBlob(tx, registry.blobs, archive);
      if (!(await replaceContent(tx, ref, archive, summary))) throw await explainMissing(tx, ref);
    }),
  );
  return summary.metadata;
}
