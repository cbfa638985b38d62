import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { readWithRight } from '../access/read-with-right.ts';
import type { BlobStore } from '../blobs/port.ts';
import type { CompareSide } from '../chart-work/messages.ts';
import {
  type ComparedVersion,
  type CompareOptions,
  type ComparisonText,
  comparisonForm,
} from '../compare/comparison.ts';
import type { RegistryDeps, VersionRef } from './registry.ts';
import { findArchive } from './versions.ts';

/** Comparison of two versions as they are now, before their archives are read. */
export interface PreparedComparison {
  /** Text that is equal for equal comparisons: a validator of the answer. */
  key: string;
  /**
   * Reads both archives and compares them, in a thread.
   * @param admit checks that there is room in memory, once a thread is free
   * @returns undefined when a version was deleted or has another archive meanwhile
   * @throws {RegistryError} `blob.damaged`, `blob.missing`, `service.busy`
   */
  compare(admit: () => Promise<void>): Promise<ComparisonText | undefined>;
}

/**
 * Prepares the comparison of two versions, of one chart or of two.
 * @throws {RegistryError} `version.notFound`, or that of its chart or space, also for a version that the actor may not
 *   read
 */
export async function prepareComparison(
  registry: RegistryDeps,
  refs: { from: VersionRef; to: VersionRef },
  options: CompareOptions,
): Promise<PreparedComparison> {
  const from = await findCompared(registry, refs.from);
  const to = await findCompared(registry, refs.to);
  return {
    key: createHash('sha256')
      .update(JSON.stringify([comparisonForm, from, to, options]))
      .digest('base64url'),
    async compare(admit) {
      let isGone = false;
      const load = async (version: ComparedVersion) => {
        const side = await loadSide(registry.blobs, version);
        isGone ||= side === undefined;
        if (side) return side;
        throw new Error(`the archive ${version.digest} is gone`);
      };
      const loadSides = async () => {
        await admit();
        return { from: await load(from), to: await load(to) };
      };
      try {
        return await registry.charts.compare(refs.from.space, loadSides, options);
      } catch (error) {
        if (isGone) return undefined;
        throw error;
      }
    },
  };
}

/**
 * Finds the archive of a version that the actor may read.
 * @throws {RegistryError} `version.notFound`, or that of its chart or space
 */
export async function findCompared(
  registry: Pick<RegistryDeps, 'db' | 'suggestible' | 'actor'>,
  { space, chart, version }: VersionRef,
): Promise<ComparedVersion> {
  const { digest, size } = await readWithRight(registry.actor, 'chart.read', { space, chart }, () =>
    findArchive(registry, { space, chart, version }),
  );
  return { space, chart, version, digest, size };
}

/** Loads the archive of a version. @returns undefined where no row needs it */
export async function loadSide(blobs: BlobStore, version: ComparedVersion): Promise<CompareSide | undefined> {
  const stored = await blobs.open(version.digest, undefined, version.size);
  return stored && { version, archive: await buffer(stored) };
}
