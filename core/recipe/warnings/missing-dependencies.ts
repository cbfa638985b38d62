import type { Dependency } from '../../chart/chart.ts';
import type { IncludedTemplate } from '../../chart/templates/template-notes.ts';
import { createRangeMatcher } from '../../semver/range-matcher.ts';
import { effectiveNameOf, findAbsentEntries } from '../absent-entries.ts';
import { joinFirstNames, type Warning } from '../warning.ts';
import type { ChartPlace } from './places.ts';
import type { SourceFacts } from './source-facts.ts';

/** Work of comparing ranges with versions, for all charts of a recipe; what is beyond gets no warning. */
const maxWork = 1_000_000;

/**
 * Finds declared dependencies that neither the archive nor the recipe contains.
 * Every chart that was packed straight from its repository has them.
 */
export function findMissingDependencies(places: readonly ChartPlace[], facts: SourceFacts): Warning[] {
  const defined = new Set(
    places.flatMap(({ source }) => facts.notesOf(source).defined.map(({ name }) => name)),
  );
  const ranges = createRangeMatcher(maxWork);
  return places.flatMap((place) => {
    const { dependencies, subcharts } = place.source;
    const missing = (findAbsentEntries(dependencies, subcharts, ranges) ?? []).filter(
      (entry) => !isReplaced(entry, place),
    );
    const lost = facts.notesOf(place.source).included.filter(({ name }) => !defined.has(name));
    return missing.map((entry) => warnOf(place, entry, missingTemplatesOf(lost, entry, missing)));
  });
}

/** Tells whether a child of the recipe takes the place of an entry. */
function isReplaced(entry: Dependency, { node, isNode }: ChartPlace): boolean {
  const name = effectiveNameOf(entry);
  return isNode && node.children.some((child) => child.name === name || child.source.name === entry.name);
}

/**
 * Finds the missing templates that a dependency would define: by the first part of their names, or all names that fit
 * no missing dependency.
 */
function missingTemplatesOf(
  lost: readonly IncludedTemplate[],
  entry: Dependency,
  missing: readonly Dependency[],
): IncludedTemplate[] {
  const isOf = (template: IncludedTemplate, { name }: Dependency) =>
    template.name === name || template.name.startsWith(`${name}.`);
  return lost.filter((template) => isOf(template, entry) || !missing.some((other) => isOf(template, other)));
}

function warnOf(place: ChartPlace, entry: Dependency, lost: readonly IncludedTemplate[]): Warning {
  const { source, node, isNode } = place;
  const { name, version, alias, repository } = entry;
  const range = version ? ` ${version}` : '';
  const from = repository ? ` from ${repository}` : '';
  const known = alias ? ` as ${alias}` : '';
  const [first] = lost;
  const effect = first
    ? ` Rendering fails: ${first.file}:${first.line} includes ${joinFirstNames(lost.map((template) => JSON.stringify(template.name)))}, which nothing defines.`
    : '';
  const resolve = node.inside ? '' : 'write "subcharts": "resolve" to take it from the registry, ';
  const remedy = isNode
    ? `Name it as a child (${alias || name}), ${resolve}or upload ${source.name} with its dependencies packed (helm dependency build).`
    : `Upload a source in which ${source.name} has its dependencies packed (helm dependency build).`;
  const message = `${source.name} ${source.version} declares ${name}${range}${known}${from}, which is neither in its archive nor in the recipe: the new chart is without it.${effect} ${remedy}`;
  const where = first ? { file: first.file, line: first.line } : {};
  const templates = first ? { templates: lost.slice(0, 20).map((template) => template.name) } : {};
  return { code: 'dependency.missing', pointer: node.pointer, message, ...where, ...templates };
}
