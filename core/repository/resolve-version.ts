import { parseConstraint } from '../chart/constraint.ts';
import { parseVersion } from '../chart/version.ts';
import { checkChartName, checkSpaceName } from '../registry/names.ts';
import { explainMissing } from '../registry/not-found.ts';
import { pickVersion } from '../registry/pick-version.ts';
import type { RegistryDeps, VersionRef } from '../registry/registry.ts';
import { hasVersion } from '../registry/version-lookup.ts';

/**
 * The version that a text means to Helm's `repo.IndexFile.Get`, and so to ChartMuseum: the one that is called so, else the
 * highest in the range that it is. `latest` is the highest release; unlike elsewhere, a pre-release never is.
 * @throws {RegistryError} `name.invalid`, `version.notFound` and its kin
 */
export async function resolveVersion(registry: RegistryDeps, ref: VersionRef): Promise<VersionRef> {
  checkSpaceName(ref.space);
  checkChartName(ref.chart);
  if (parseVersion(ref.version) && (await hasVersion(registry.db, ref))) return ref;
  const range = parseConstraint(ref.version === 'latest' ? '*' : ref.version);
  const version = range && (await pickVersion(registry.db, ref, range));
  if (version === undefined) throw await explainMissing(registry.db, ref);
  return { ...ref, version };
}
