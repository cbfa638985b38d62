import { checkChartName, checkSpaceName } from '../registry/names.ts';
import { explainMissing } from '../registry/not-found.ts';
import { pickVersion } from '../registry/pick-version.ts';
import type { RegistryDeps, VersionRef } from '../registry/registry.ts';
import { hasVersion } from '../registry/version-lookup.ts';
import { parseConstraint } from '../semver/constraint.ts';
import { parseVersion } from '../semver/version.ts';

/**
 * Resolves a text to a version as Helm's `repo.IndexFile.Get` does, and so ChartMuseum.
 * An existing version of that name wins; otherwise the text is a range, and the highest version in it wins. `latest` is
 * the highest release, never a pre-release as elsewhere in the registry.
 * @throws {RegistryError} `name.invalid`, `version.notFound`, or that of its chart or space
 */
export async function resolveVersion(registry: RegistryDeps, ref: VersionRef): Promise<VersionRef> {
  checkSpaceName(ref.space);
  checkChartName(ref.chart);
  if (parseVersion(ref.version) && (await hasVersion(registry.db, ref))) return ref;
  const range = parseConstraint(ref.version === 'latest' ? '*' : ref.version);
  const version = range && (await pickVersion(registry.db, ref, range));
  if (version === undefined) throw await explainMissing(registry.db, ref, registry.suggestible);
  return { ...ref, version };
}
