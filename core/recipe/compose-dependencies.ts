import type { Dependency } from '../chart/chart.ts';
import type { KeptSubchart, KeptSubcharts } from './keep-subcharts.ts';
import type { ResolvedNode } from './resolve-tree.ts';

/**
 * Declares exactly the children, and what is kept: Helm fails on a declared chart that is absent, and `helm lint` on a
 * present one that is undeclared. What the source says about a child (condition, tags, import-values and whatever else) is kept; the
 * version is the child's own, which satisfies Helm's check of constraints also where it is loose, a pre-release, or has
 * build metadata; an alias is not needed, because the child carries its name itself.
 *
 * What is kept keeps its entry, alias and version included; only where it came from is dropped. Of two charts of one name
 * the second lies in a folder of another name, where `helm dependency build` finds it by that folder alone. What is kept
 * without an entry gets one, unless that would wake what the charts below it declare.
 *
 * @param declared the source's own entries, whose order is kept because earlier import-values win over later ones.
 * @returns entries in the source's order, then those it did not have by name.
 */
export function composeDependencies(
  declared: readonly Dependency[],
  children: readonly ResolvedNode[],
  kept: KeptSubcharts = { subcharts: [], entries: new Set() },
): Dependency[] {
  const free = declared.filter((entry) => !kept.entries.has(entry));
  const claims = claimEntries(free, children);
  const stated = declared.flatMap((entry) => {
    const child = claims.get(entry);
    if (child) return [rewriteEntry(entry, child)];
    return kept.entries.has(entry) ? [keepEntry(entry, kept)] : [];
  });
  const claimed = new Set(claims.values());
  const added = children.filter((child) => !claimed.has(child));
  const undeclared = kept.subcharts.filter(
    ({ chart }) => !declared.some((entry) => kept.entries.has(entry) && entry.name === chart.name),
  );
  const known = [...stated, ...added.map(({ name, source }) => ({ name, version: source.version }))];
  // Of a chart that declares nothing, Helm does not ask what the charts inside declare: their aliases and conditions, which
  // have had no effect, must not have one now.
  const asleep = known.length === 0 && undeclared.some(({ chart }) => chart.dependencies.length > 0);
  return asleep ? [] : [...known, ...undeclared.map(declareKept)];
}

function keepEntry(
  { repository: _repository, ...entry }: Dependency,
  { subcharts }: KeptSubcharts,
): Dependency {
  const called = entry.alias || entry.name;
  const part = subcharts.find(({ chart, names }) => chart.name === entry.name && names.includes(called));
  return { ...entry, name: entry.name, ...(part ? repositoryOf(part) : {}) };
}

function declareKept(part: KeptSubchart): Dependency {
  const { name, version } = part.chart;
  return { name, version, ...repositoryOf(part) };
}

/** Helm looks for a chart without a repository in the folder of its name. */
function repositoryOf({ chart, folder }: KeptSubchart): { repository?: string } {
  return folder === chart.name ? {} : { repository: `file://charts/${folder}` };
}

/** A child takes the entry of its own name first; what is left goes to children that were renamed. */
export function claimEntries(
  declared: readonly Dependency[],
  children: readonly ResolvedNode[],
): Map<Dependency, ResolvedNode> {
  const claims = new Map<Dependency, ResolvedNode>();
  const renamed: ResolvedNode[] = [];
  for (const child of children) {
    const own =
      declared.find(({ alias }) => alias === child.name) ??
      declared.find(({ name, alias }) => name === child.name && !alias);
    if (own) claims.set(own, child);
    else renamed.push(child);
  }
  for (const child of renamed) {
    const free = declared.find((entry) => entry.name === child.source.name && !claims.has(entry));
    if (free) claims.set(free, child);
  }
  return claims;
}

function rewriteEntry(entry: Dependency, { name, source }: ResolvedNode): Dependency {
  const { repository: _repository, alias: _alias, ...kept } = entry;
  return { ...kept, name, version: source.version };
}
