import type { Chart } from '../../chart/chart.ts';
import { keepAll } from '../keep-subcharts.ts';
import type { ResolvedNode } from '../resolve-tree.ts';
import { joinFirstNames, type Warning } from '../warning.ts';
import { type ChartPlace, labelOf } from './places.ts';
import { type ChartLocation, findWinningDefinitions, type TemplateCandidate } from './shadowed-templates.ts';
import type { SourceFacts } from './source-facts.ts';
import { createUsedTemplatesFinder, type FindUsedTemplates } from './used-templates.ts';

/** Templates of a dropped chart of a source that another chart now provides. */
interface ReplacedTemplates {
  lost: Chart;
  winner: ChartPlace;
  templates: string[];
}

/**
 * Finds templates of a dropped subchart that another chart defines with different text.
 * Mostly two versions of a library are involved, of which one stays. Helm renders the source with the other text and
 * gives no hint. A chart that the recipe puts at the very place of the dropped one is taken for a deliberate
 * replacement.
 */
export function findReplacedTemplates(
  root: ResolvedNode,
  places: readonly ChartPlace[],
  facts: SourceFacts,
): Warning[] {
  let winners: Map<string, TemplateCandidate> | undefined;
  const findUsed = createUsedTemplatesFinder(facts);
  return groupNodesByArchive(root).flatMap((nodes) => {
    const archivePlaces = places.filter(({ node }) => nodes.has(node));
    const [archiveRoot] = archivePlaces;
    const keptSources = new Set(archivePlaces.map(({ source }) => source));
    const before = archiveRoot ? listArchiveCharts(archiveRoot.source) : [];
    if (!archiveRoot || before.every(({ source }) => keptSources.has(source))) return [];
    winners ??= findWinningDefinitions(places, facts);
    const providers = findWinningDefinitions(before, facts);
    const dropped = new Map([...providers].filter(([, { place }]) => !keptSources.has(place.source)));
    if (dropped.size === 0) return [];
    const compare = { archiveRoot, providers, dropped, winners };
    return archivePlaces.flatMap((place) => findReplacedForChart(place, compare, findUsed));
  });
}

/** Effective definitions for the charts of one archive, before and after. */
interface DefinitionComparison {
  /** The chart of the archive itself. */
  archiveRoot: ChartPlace;
  /** Effective definitions in the archive by itself. */
  providers: ReadonlyMap<string, TemplateCandidate<ChartLocation>>;
  /** Definitions of `providers` whose chart the recipe drops. */
  dropped: ReadonlyMap<string, TemplateCandidate<ChartLocation>>;
  /** Effective definitions in the result. */
  winners: ReadonlyMap<string, TemplateCandidate>;
}

function findReplacedForChart(
  place: ChartPlace,
  { archiveRoot, providers, dropped, winners }: DefinitionComparison,
  findUsed: FindUsedTemplates,
): Warning[] {
  const replaced = new Map<string, ReplacedTemplates>();
  for (const name of findUsed(place.source, providers)) {
    const provider = dropped.get(name);
    const winner = winners.get(name);
    if (!provider || !winner || winner.digest === provider.digest) continue;
    if (isSamePlace(winner.place, archiveRoot, provider.place)) continue;
    const key = [...provider.place.path, '', ...winner.place.path].join('/');
    const known = replaced.get(key) ?? { lost: provider.place.source, winner: winner.place, templates: [] };
    known.templates.push(name);
    replaced.set(key, known);
  }
  return [...replaced.values()].map((replacement) => warnOf(place, replacement));
}

/** Groups nodes by the archive that their charts come from. */
function groupNodesByArchive(root: ResolvedNode): Set<ResolvedNode>[] {
  const archives: Set<ResolvedNode>[] = [];
  const visit = (node: ResolvedNode, parents: Set<ResolvedNode> | undefined): void => {
    const archive = node.inside && parents ? parents : new Set<ResolvedNode>();
    if (archive.size === 0) archives.push(archive);
    archive.add(node);
    for (const child of node.children) visit(child, archive);
  };
  visit(root, undefined);
  return archives;
}

/** Lists all charts of an archive, at their places while no chart is dropped. */
function listArchiveCharts(source: Chart, path: readonly string[] = []): ChartLocation[] {
  const inside = keepAll(source).flatMap(({ chart, names }) =>
    names.flatMap((name) => listArchiveCharts(chart, [...path, name])),
  );
  return [{ source, path }, ...inside];
}

/** Checks whether the winner stands at the dropped chart's place. */
function isSamePlace(winner: ChartPlace, archiveRoot: ChartPlace, dropped: ChartLocation): boolean {
  const path = [...archiveRoot.path, ...dropped.path];
  return path.length === winner.path.length && path.every((name, index) => name === winner.path[index]);
}

function warnOf({ source, node }: ChartPlace, { lost, winner, templates }: ReplacedTemplates): Warning {
  const quoted = joinFirstNames(templates.map((name) => JSON.stringify(name)));
  const message = `${source.name} ${source.version} uses ${quoted} of ${lost.name} ${lost.version}, which the recipe drops. ${labelOf(winner)} defines it with different text, and wins: use versions that agree, or check what ${source.name} renders.`;
  return { code: 'template.shadowed', pointer: node.pointer, message, templates: templates.slice(0, 20) };
}
