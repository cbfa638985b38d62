import type { Dependency } from '../../chart/chart.ts';
import type { IncludedTemplate } from '../../chart/templates/template-notes.ts';
import { createRangeMatcher } from '../../semver/range-matcher.ts';
import { effectiveNameOf, findAbsentEntries } from '../absent-entries.ts';
import { joinFirstNames, type Warning } from '../warning.ts';
import type { ChartPlace } from './places.ts';
import type { SourceFacts } from './source-facts.ts';

/** Work of comparing ranges with versions, for all charts of a recipe; what is beyond gets no warning. */
const maxWork = 1_000_000;

/** Templates that a warning names. */
const maxTemplates = 20;

/** Longest name of a dependency by which templates are looked up, in characters: that of a chart. */
const maxPrefixLength = 250;

/**
 * Finds declared dependencies that neither the archive nor the recipe contains.
 * Every chart that was packed straight from its repository has them.
 */
export function findMissingDependencies(places: readonly ChartPlace[], facts: SourceFacts): Warning[] {
  // Made for the first chart that lacks a dependency; most recipes have none.
  let definedNames: ReadonlySet<string> | undefined;
  const ranges = createRangeMatcher(maxWork);
  return places.flatMap((place) => {
    const { dependencies, subcharts } = place.source;
    const isReplaced = createReplacedCheck(place);
    const absent = findAbsentEntries(dependencies, subcharts, ranges) ?? [];
    const missing = absent.filter((entry) => !isReplaced(entry));
    if (missing.length === 0) return [];
    definedNames ??= listDefinedTemplates(places, facts);
    const defined = definedNames;
    const lost = facts.notesOf(place.source).included.filter(({ name }) => !defined.has(name));
    const { own, others } = groupByDependency(lost, new Set(missing.map(({ name }) => name)));
    return missing.map((entry) => {
      const ofEntry = own.get(entry.name) ?? [];
      const first = [...ofEntry.slice(0, maxTemplates), ...others.slice(0, maxTemplates)].slice(
        0,
        maxTemplates,
      );
      return warnOf(place, entry, { first, total: ofEntry.length + others.length });
    });
  });
}

function listDefinedTemplates(places: readonly ChartPlace[], facts: SourceFacts): ReadonlySet<string> {
  return new Set(places.flatMap(({ source }) => facts.notesOf(source).defined.map(({ name }) => name)));
}

/** Creates the check whether a child of the recipe takes the place of an entry. */
function createReplacedCheck({ node, isNode }: ChartPlace): (entry: Dependency) => boolean {
  const children = isNode ? node.children : [];
  const names = new Set(children.map(({ name }) => name));
  const charts = new Set(children.map(({ source }) => source.name));
  return (entry) => names.has(effectiveNameOf(entry)) || charts.has(entry.name);
}

/** Missing templates that each dependency would define, by its name, and some that fit none of them. */
interface GroupedTemplates {
  own: ReadonlyMap<string, readonly IncludedTemplate[]>;
  others: readonly IncludedTemplate[];
}

/**
 * Groups missing templates by the dependency that would define them: its name is the first part of theirs. Each template
 * is looked at once, since a source may have ten thousand of both.
 */
function groupByDependency(
  lost: readonly IncludedTemplate[],
  dependencies: ReadonlySet<string>,
): GroupedTemplates {
  const own = new Map<string, IncludedTemplate[]>();
  const others: IncludedTemplate[] = [];
  for (const template of lost) {
    const owners = prefixesOf(template.name).filter((prefix) => dependencies.has(prefix));
    for (const name of owners) {
      const group = own.get(name);
      if (group) group.push(template);
      else own.set(name, [template]);
    }
    if (owners.length === 0) others.push(template);
  }
  return { own, others };
}

/** Lists a name and what is in front of each of its dots, up to the length that a chart's name may have. */
function prefixesOf(name: string): string[] {
  const dots = Array.from(name.slice(0, maxPrefixLength + 1).matchAll(/\./g), ({ index }) => index);
  return [...dots.map((dot) => name.slice(0, dot)), name];
}

/** Templates that nothing defines, the first of them and how many there are. */
interface LostTemplates {
  first: readonly IncludedTemplate[];
  total: number;
}

function warnOf(place: ChartPlace, entry: Dependency, lost: LostTemplates): Warning {
  const { source, node, isNode } = place;
  const { name, version, alias, repository } = entry;
  const range = version ? ` ${version}` : '';
  const from = repository ? ` from ${repository}` : '';
  const known = alias ? ` as ${alias}` : '';
  const [first] = lost.first;
  const effect = first
    ? ` Rendering fails: ${first.file}:${first.line} includes ${joinFirstNames(
        lost.first.map((template) => JSON.stringify(template.name)),
        5,
        lost.total,
      )}, which nothing defines.`
    : '';
  const resolve = node.inside ? '' : 'write "subcharts": "resolve" to take it from the registry, ';
  const remedy = isNode
    ? `Name it as a child (${alias || name}), ${resolve}or upload ${source.name} with its dependencies packed (helm dependency build).`
    : `Upload a source in which ${source.name} has its dependencies packed (helm dependency build).`;
  const message = `${source.name} ${source.version} declares ${name}${range}${known}${from}, which is neither in its archive nor in the recipe: the new chart is without it.${effect} ${remedy}`;
  const where = first ? { file: first.file, line: first.line } : {};
  const templates = first ? { templates: lost.first.map((template) => template.name) } : {};
  return { code: 'dependency.missing', pointer: node.pointer, message, ...where, ...templates };
}
