import type { Chart } from '../../chart/chart.ts';
import type { ChartLocation, TemplateCandidate } from './shadowed-templates.ts';
import type { SourceFacts } from './source-facts.ts';

/** Finds names that a chart's templates include, also through the files that define those names. */
export type FindUsedTemplates = (
  chart: Chart,
  providers: ReadonlyMap<string, TemplateCandidate<ChartLocation>>,
) => ReadonlySet<string>;

/** Largest number of includes that are followed for one recipe; one of a hundred large charts has 50,000. */
const maxFollowed = 500_000;

/**
 * Creates the search for names that charts include. A chart is searched once for the same providers.
 * @param budget number of includes that may still be followed; reduced by each search, also by what it gives again
 */
export function createUsedTemplatesFinder(
  facts: SourceFacts,
  budget: { remaining: number } = { remaining: maxFollowed },
): FindUsedTemplates {
  const includesOf = createFileIncludesLookup(facts);
  const found = new WeakMap<object, Map<Chart, ReadonlySet<string>>>();

  return (chart, providers) => {
    if (budget.remaining <= 0) return new Set();
    const known = found.get(providers) ?? new Map<Chart, ReadonlySet<string>>();
    found.set(providers, known);
    const names = known.get(chart) ?? findNames(chart, providers);
    known.set(chart, names);
    // The caller searches each name.
    budget.remaining -= names.size;
    return names;
  };

  function findNames(
    chart: Chart,
    providers: ReadonlyMap<string, TemplateCandidate<ChartLocation>>,
  ): Set<string> {
    const names = new Set(facts.notesOf(chart).included.map(({ name }) => name));
    // Iteration over a Set also visits names that are added meanwhile.
    for (const name of names) {
      const provider = providers.get(name);
      if (!provider) continue;
      if (budget.remaining <= 0) break;
      const inside = includesOf(provider.place.source, provider.file);
      budget.remaining -= 1 + inside.length;
      for (const included of inside) names.add(included);
    }
    return names;
  }
}

function createFileIncludesLookup(facts: SourceFacts) {
  const known = new Map<Chart, Map<string, string[]>>();
  return (chart: Chart, file: string): readonly string[] => {
    const files = known.get(chart) ?? groupByFile(chart, facts);
    known.set(chart, files);
    return files.get(file) ?? [];
  };
}

function groupByFile(chart: Chart, facts: SourceFacts): Map<string, string[]> {
  const files = new Map<string, string[]>();
  for (const { name, file } of facts.notesOf(chart).included) {
    const names = files.get(file) ?? [];
    names.push(name);
    files.set(file, names);
  }
  return files;
}
