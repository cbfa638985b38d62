import type { DefinedTemplate } from '../../chart/templates/template-notes.ts';
import { joinFirstNames, type Warning } from '../warning.ts';
import { type ChartPlace, labelOf } from './places.ts';
import type { SourceFacts } from './source-facts.ts';

/** A chart with the names that lead to it from the root of the charts loaded together. */
export type ChartLocation = Pick<ChartPlace, 'source' | 'path'>;

/** A definition of a named template. */
export interface TemplateCandidate<Where extends ChartLocation = ChartPlace> {
  place: Where;
  /** File of the definition, by its path in its chart. */
  file: string;
  /** Path of the file from the root, as Helm knows it. */
  path: string;
  /** Number of parts of `path`. */
  slashes: number;
  /** Digest of the definition's text; empty for an empty definition. */
  digest: string;
  /** Names that the definition includes. */
  includes?: readonly string[];
}

/** Largest number of definitions that are compared; a recipe of a hundred large charts has 10,000. */
const maxComparedDefinitions = 50_000;

/**
 * Finds named templates that two charts of the result define with different text. Helm parses the files of all charts
 * one after the other, and the last definition counts for all charts. That is the one of the file with the fewest
 * folders above it, among equals the first by path (pkg/engine, sortTemplates, in Helm 3 and 4). An empty definition
 * replaces none (text/template). There is one warning for each pair of charts.
 */
export function findShadowedTemplates(places: readonly ChartPlace[], facts: SourceFacts): Warning[] {
  const pairs = new Map<string, { winner: ChartPlace; loser: ChartPlace; templates: string[] }>();
  for (const [name, candidates] of collectDefinitions(places, facts)) {
    const [winner, ...losers] = candidates.toSorted(compareByWin);
    for (const right of losers) {
      if (!winner || right.digest === winner.digest || right.place === winner.place) continue;
      const key = `${places.indexOf(winner.place)} ${places.indexOf(right.place)}`;
      const pair = pairs.get(key) ?? { winner: winner.place, loser: right.place, templates: [] };
      if (!pair.templates.includes(name)) pair.templates.push(name);
      pairs.set(key, pair);
    }
  }
  return [...pairs.values()].map(warnOf);
}

/** Collects all definitions of each named template, in the order of the charts. */
function collectDefinitions<Where extends ChartLocation>(
  places: readonly Where[],
  facts: SourceFacts,
): Map<string, TemplateCandidate<Where>[]> {
  const names = new Map<string, TemplateCandidate<Where>[]>();
  let compared = 0;
  for (const place of places) {
    for (const { name, ...defined } of facts.notesOf(place.source).defined) {
      if (compared === maxComparedDefinitions || !isParsedByHelm(defined, place)) continue;
      compared += 1;
      const candidates = names.get(name) ?? [];
      candidates.push(toCandidate(place, defined));
      names.set(name, candidates);
    }
  }
  return names;
}

/** Finds the effective definition of each name if Helm loads these charts together. */
export function findWinningDefinitions<Where extends ChartLocation>(
  places: readonly Where[],
  facts: SourceFacts,
): Map<string, TemplateCandidate<Where>> {
  const winners = new Map<string, TemplateCandidate<Where>>();
  for (const [name, candidates] of collectDefinitions(places, facts)) {
    const [winner] = candidates.toSorted(compareByWin);
    if (winner) winners.set(name, winner);
  }
  return winners;
}

/** Checks whether Helm parses a file: of a library chart only those whose name begins with an underscore. */
function isParsedByHelm({ file }: { file: string }, { source }: ChartLocation): boolean {
  return source.manifest.type !== 'library' || /(?:^|\/)_[^/]*$/.test(file);
}

function toCandidate<Where extends ChartLocation>(
  place: Where,
  { file, digest, includes }: Omit<DefinedTemplate, 'name'>,
): TemplateCandidate<Where> {
  const path = [...place.path.map((name) => `charts/${name}/`), file].join('');
  return { place, file, path, slashes: path.split('/').length, digest, ...(includes ? { includes } : {}) };
}

/** Orders definitions of one name, the effective one first. */
function compareByWin(
  left: TemplateCandidate<ChartLocation>,
  right: TemplateCandidate<ChartLocation>,
): number {
  const byEmptiness = Number(left.digest === '') - Number(right.digest === '');
  return (
    byEmptiness ||
    left.slashes - right.slashes ||
    Buffer.compare(Buffer.from(left.path), Buffer.from(right.path))
  );
}

function warnOf({
  winner,
  loser,
  templates,
}: {
  winner: ChartPlace;
  loser: ChartPlace;
  templates: string[];
}): Warning {
  const quoted = joinFirstNames(templates.map((name) => JSON.stringify(name)));
  const message = `${labelOf(winner)} and ${labelOf(loser)} both define ${quoted}, with different text. That of ${labelOf(winner)} wins for all charts, ${labelOf(loser)} included: use versions that agree, or check what ${labelOf(loser)} renders.`;
  return {
    code: 'template.shadowed',
    pointer: loser.node.pointer,
    message,
    templates: templates.slice(0, 20),
  };
}
