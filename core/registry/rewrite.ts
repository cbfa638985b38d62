import { buffer } from 'node:stream/consumers';
import type { ObjectText } from '../chart-work/messages.ts';
import { RegistryError } from '../errors.ts';
import type { Lease } from '../locks/lease.ts';
import { claimBlob, storeBlob } from './blob-references.ts';
import type { JsonText } from './documents.ts';
import { explainMissing } from './not-found.ts';
import type { RegistryDeps, VersionRef } from './registry.ts';
import { replaceContent } from './version-rows.ts';
import { findArchive } from './versions.ts';

/** Result of rewriting a file of a version. */
export interface Rewriting {
  metadata: JsonText;
  /** Warnings, each its code and a sentence: `comments.lost`, and `schema.unchecked` where values were checked. */
  warnings: string[];
}

/** File of a version, and the JSON object that replaces its content. */
interface Rewrite {
  file: 'metadata' | 'values';
  wanted: JsonText;
}

/**
 * Rewrites the root Chart.yaml of a version to say `metadata`; the dependencies that it declares stay.
 * @param metadata with the fields `name` and `version`
 * @returns the new metadata as JSON, with the tree of subcharts, and warnings
 * @throws {RegistryError} `metadata.invalid` when name or version change, or Helm would not load the result;
 *   `version.notFound` and its kin, `resource.locked`
 */
export async function rewriteMetadata(
  registry: RegistryDeps,
  ref: VersionRef,
  metadata: ObjectText,
): Promise<Rewriting> {
  await findArchive(registry, ref);
  for (const [key, wanted] of [
    ['name', ref.chart],
    ['version', ref.version],
  ] as const) {
    const given = metadata.fields[key];
    if (given === wanted) continue;
    throw new RegistryError(
      'metadata.invalid',
      `${key} must stay ${wanted}${given === undefined ? '; it is missing' : `, not ${JSON.stringify(given)}`}.`,
      { pointer: `/${key}` },
    );
  }
  return rewriteVersion(registry, ref, { file: 'metadata', wanted: metadata.text });
}

/**
 * Rewrites the root values.yaml of a version; its subcharts' own files stay.
 * @throws {RegistryError} `values.invalid` and `schema.invalid` with the pointer of the value; `version.notFound` and its
 *   kin, `resource.locked`
 */
export async function rewriteValues(
  registry: RegistryDeps,
  ref: VersionRef,
  values: JsonText,
): Promise<Rewriting> {
  return rewriteVersion(registry, ref, { file: 'values', wanted: values });
}

async function rewriteVersion(registry: RegistryDeps, ref: VersionRef, rewrite: Rewrite): Promise<Rewriting> {
  // Two rewrites of one version follow one another, or the second would undo the first.
  const lease = await registry.locks.lease([ref.space, ref.chart, ref.version]);
  try {
    return await registry.rewriting.run(() => rewriteHeld(registry, ref, lease, rewrite));
  } finally {
    await lease.release();
  }
}

async function rewriteHeld(
  registry: RegistryDeps,
  ref: VersionRef,
  lease: Lease,
  { file, wanted }: Rewrite,
): Promise<Rewriting> {
  const { digest } = await findArchive(registry, ref);
  const load = async () => {
    const stored = await registry.blobs.open(digest);
    if (!stored) throw await explainMissing(registry.db, ref);
    return buffer(stored);
  };
  // The archive is held to its digest before any of it is used, so what is found wrong is not the store's fault.
  const { archive, summary, lost, unchecked } = await registry.charts.rewrite(ref, load, file, wanted);
  await storeBlob(registry.db, registry.blobs, archive, () =>
    lease.write(async (tx) => {
      await claimBlob(tx, registry.blobs, archive);
      if ((await replaceContent(tx, ref, archive, summary)) === 'missing')
        throw await explainMissing(tx, ref);
    }),
  );
  const warnings = unchecked.map((message) => `schema.unchecked: ${message}`);
  if (lost !== undefined) warnings.unshift(`comments.lost: ${lost}`);
  return { metadata: summary.metadata, warnings };
}
