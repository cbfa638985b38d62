import type { Dependency } from '../chart/chart.ts';
import type { KeptSubchart, KeptSubcharts } from './keep-subcharts.ts';
import type { ResolvedNode } from './resolve-tree.ts';

/**
 * Makes a chart's dependency entries: exactly its children and its kept subcharts.
 * Helm fails on a declared chart that is absent, and `helm lint` on a present one that is undeclared.
 *
 * - A child's entry keeps the source's condition, tags, import-values and other keys. The version is the child's
 *   exact one, which passes Helm's check of constraints also for a loose version, a pre-release or build metadata.
 *   The alias goes, because the child carries the name itself.
 * - A kept subchart's entry stays, alias and version included, without its repository. If two kept charts share a
 *   name, the second lies in a folder of another name, and its repository points there for `helm dependency build`.
 * - A kept subchart without an entry gets one, unless the entry would activate declarations of the charts below it.
 *
 * @param declared the source's entries; their order is kept because earlier import-values win over later ones
 * @returns entries in the source's order, then new ones in order of name
 */
export function composeDependencies(
  declared: readonly Dependency[],
  children: readonly ResolvedNode[],
  kept: KeptSubcharts = { subcharts: [], entries: new Set() },
): Dependency[] {
  const available = declared.filter((entry) => !kept.entries.has(entry));
  const claims = assignEntries(available, children);
  const retained = declared.flatMap((entry) => {
    const child = claims.get(entry);
    if (child) return [rewriteEntry(entry, child)];
    return kept.entries.has(entry) ? [rewriteKeptEntry(entry, kept)] : [];
  });
  const claimed = new Set(claims.values());
  const added = children.filter((child) => !claimed.has(child));
  const undeclared = kept.subcharts.filter(
    ({ chart }) => !declared.some((entry) => kept.entries.has(entry) && entry.name === chart.name),
  );
  const known = [...retained, ...added.map(({ name, source }) => ({ name, version: source.version }))];
  // For a chart that declares nothing, Helm ignores declarations of the charts inside. Their aliases and conditions had
  // no effect in the source, and must not have one in the new chart.
  const isInactive = known.length === 0 && undeclared.some(({ chart }) => chart.dependencies.length > 0);
  return isInactive ? [] : [...known, ...undeclared.map(declareKept)];
}

function rewriteKeptEntry(
  { repository: _repository, ...entry }: Dependency,
  { subcharts }: KeptSubcharts,
): Dependency {
  const effectiveName = entry.alias || entry.name;
  const part = subcharts.find(
    ({ chart, names }) => chart.name === entry.name && names.includes(effectiveName),
  );
  return { ...entry, name: entry.name, ...(part ? repositoryOf(part) : {}) };
}

function declareKept(part: KeptSubchart): Dependency {
  const { name, version } = part.chart;
  return { name, version, ...repositoryOf(part) };
}

/**
 * Points to the folder if it has another name: Helm looks for a chart without a repository in the folder of its name.
 */
function repositoryOf({ chart, folder }: KeptSubchart): { repository?: string } {
  return folder === chart.name ? {} : { repository: `file://charts/${folder}` };
}

/**
 * Assigns dependency entries to children: by the child's name first, then by its source's name.
 * The second pass serves children that were renamed.
 */
export function assignEntries(
  declared: readonly Dependency[],
  children: readonly ResolvedNode[],
): Map<Dependency, ResolvedNode> {
  const claims = new Map<Dependency, ResolvedNode>();
  const renamed: ResolvedNode[] = [];
  for (const child of children) {
    const ownEntry =
      declared.find(({ alias }) => alias === child.name) ??
      declared.find(({ name, alias }) => name === child.name && !alias);
    if (ownEntry) claims.set(ownEntry, child);
    else renamed.push(child);
  }
  for (const child of renamed) {
    const available = declared.find((entry) => entry.name === child.source.name && !claims.has(entry));
    if (available) claims.set(available, child);
  }
  return claims;
}

function rewriteEntry(entry: Dependency, { name, source }: ResolvedNode): Dependency {
  const { repository: _repository, alias: _alias, ...kept } = entry;
  return { ...kept, name, version: source.version };
}
