import { RegistryError } from '../errors.ts';
import type { ResolvedSource } from '../recipe/sources.ts';
import { createHiddenSourceCheck } from '../registry/mask-sources.ts';
import { checkVersionRef, versionNameOf } from '../registry/names.ts';
import { explainMissing } from '../registry/not-found.ts';
import type { RegistryDeps, VersionRef } from '../registry/registry.ts';
import { hasVersion, versionIdSql } from '../registry/version-lookup.ts';
import { type ComposedView, viewComposed } from './view.ts';

/**
 * Tells whether a composed version is up to date. What the sources were resolved to is compared with what they would be
 * now. Everything is looked up at the request, so a change shows as soon as it is committed.
 * @throws {RegistryError} `lineage.notFound` for a version that was not composed, or was replaced by an upload;
 *   `version.notFound`, or that of its chart or space
 */
export async function checkOutdated(registry: RegistryDeps, ref: VersionRef): Promise<ComposedView> {
  checkVersionRef(ref);
  const { db, actor } = registry;
  const [row] = await db.query<{ sources: ResolvedSource[] }>(
    `SELECT sources FROM lineage WHERE version_id = ${versionIdSql('$1', '$2', '$3')}`,
    [ref.space, ref.chart, ref.version],
  );
  if (row) {
    const isHidden = actor.guarded ? await createHiddenSourceCheck(actor, row.sources) : () => false;
    const [view] = await viewComposed(db, [{ ...ref, sources: row.sources }], isHidden);
    if (view) return view;
  }
  if (!(await hasVersion(db, ref))) throw await explainMissing(db, ref, registry.suggestible);
  throw new RegistryError(
    'lineage.notFound',
    `${versionNameOf(ref)} was uploaded, not composed: it has no sources that could be newer.`,
  );
}
