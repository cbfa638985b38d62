import { buffer } from 'node:stream/consumers';
import { authorOf } from '../access/author.ts';
import { recordAudit } from '../audit/record.ts';
import type { ObjectText } from '../chart-work/messages.ts';
import { RegistryError } from '../errors.ts';
import type { Lease } from '../locks/lease.ts';
import { storeBlob } from './blob-references.ts';
import type { JsonText } from './documents.ts';
import { majorsWarning } from './make-values.ts';
import { explainMissing } from './not-found.ts';
import type { RegistryDeps, VersionRef } from './registry.ts';
import { replaceContent } from './version-rows.ts';
import { findArchive } from './versions.ts';

/** Result of rewriting Chart.yaml or values.yaml of a version. */
export interface RewriteResult {
  metadata: JsonText;
  /** Warnings, each a code and a sentence: `comments.lost`, and for values `schema.unchecked` and `values.majors`. */
  warnings: string[];
}

/** File of a version, and its new content as a JSON object. */
interface Rewrite {
  file: 'metadata' | 'values';
  content: JsonText;
}

/**
 * Rewrites the root Chart.yaml of a version to `metadata`; the declared dependencies stay.
 * @param metadata with the fields `name` and `version`
 * @returns the new metadata as JSON, with the tree of subcharts, and warnings
 * @throws {RegistryError} `metadata.invalid` when name or version change, or Helm would not load the result;
 *   `version.notFound`, or that of its chart or space, `resource.locked`
 */
export async function rewriteMetadata(
  registry: RegistryDeps,
  ref: VersionRef,
  metadata: ObjectText,
): Promise<RewriteResult> {
  await findArchive(registry, ref);
  for (const [key, expected] of [
    ['name', ref.chart],
    ['version', ref.version],
  ] as const) {
    const value = metadata.fields[key];
    if (value === expected) continue;
    throw new RegistryError(
      'metadata.invalid',
      `${key} must stay ${expected}${value === undefined ? '; it is missing' : `, not ${JSON.stringify(value)}`}.`,
      { pointer: `/${key}` },
    );
  }
  return rewriteVersion(registry, ref, { file: 'metadata', content: metadata.text });
}

/**
 * Rewrites the root values.yaml of a version; its subcharts' own files stay.
 * @throws {RegistryError} `values.invalid` and `schema.invalid` with the pointer of the value; `version.notFound`, or
 *   that of its chart or space, `resource.locked`
 */
export async function rewriteValues(
  registry: RegistryDeps,
  ref: VersionRef,
  values: JsonText,
): Promise<RewriteResult> {
  return rewriteVersion(registry, ref, { file: 'values', content: values });
}

async function rewriteVersion(
  registry: RegistryDeps,
  ref: VersionRef,
  rewrite: Rewrite,
): Promise<RewriteResult> {
  // Rewrites of one version run one after another: from the same archive, the second would undo the first.
  const lease = await registry.locks.lease([ref.space, ref.chart, ref.version]);
  try {
    return await registry.rewriting.run(() => rewriteLocked(registry, ref, lease, rewrite));
  } finally {
    await lease.release();
  }
}

async function rewriteLocked(
  registry: RegistryDeps,
  ref: VersionRef,
  lease: Lease,
  { file, content }: Rewrite,
): Promise<RewriteResult> {
  const { digest } = await findArchive(registry, ref);
  const load = async () => {
    const stored = await registry.blobs.open(digest);
    if (!stored) throw await explainMissing(registry.db, ref, registry.suggestible);
    return buffer(stored);
  };
  // The archive is checked against its digest before it is used, so an error here is not the store's fault.
  const { archive, summary, lostComments, unchecked } = await registry.charts.rewrite(
    ref,
    load,
    file,
    content,
  );
  const spaceId = await registry.actor.require('chart.replace', ref);
  const author = await authorOf(registry.actor);
  await storeBlob(registry, archive, (blob) =>
    lease.write(async (tx) => {
      await registry.actor.confirm(tx, 'chart.replace', { ...ref, spaceId });
      await blob.lockStored(tx);
      const replaced = await replaceContent(tx, ref, { content: archive, summary, author });
      if (replaced.kind === 'missing') throw await explainMissing(tx, ref, registry.suggestible);
      if (replaced.kind === 'same') return;
      await recordAudit(tx, registry.actor, {
        action: 'version.rewrite',
        right: 'chart.replace',
        ...ref,
        digests: { before: replaced.before, after: archive.digest },
        details: { file },
      });
    }),
  );
  const warnings = unchecked.map((message) => `schema.unchecked: ${message}`);
  if (lostComments !== undefined) warnings.unshift(`comments.lost: ${lostComments}`);
  if (file === 'values' && summary.valuesMajors !== undefined)
    warnings.push(majorsWarning(summary.valuesMajors));
  return { metadata: summary.metadata, warnings };
}
