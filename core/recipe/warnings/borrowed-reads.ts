import type { Chart } from '../../chart/chart.ts';
import type { ValueRead } from '../../chart/templates/template-notes.ts';
import type { ChartPlace } from './places.ts';
import { findWinningDefinitions } from './shadowed-templates.ts';
import type { SourceFacts } from './source-facts.ts';

/** A read with the chart that has the template. */
export interface OwnedRead {
  read: ValueRead;
  owner: Chart;
}

/** Finds the reads of a chart's values in templates of other charts, as of a library. */
export type FindBorrowedReads = (source: Chart) => readonly OwnedRead[];

/**
 * Largest number of includes and reads that are examined for one recipe; one of a hundred large charts has 50,000. Two
 * hundred names in each of some hundred definitions are a small file, but 100,000 steps for each chart.
 */
const maxFollowed = 500_000;

/**
 * Creates the search for reads in templates of other charts that a chart includes.
 * Helm gives them the context of the chart that includes them. An include with other data, or with the context of a
 * subchart, is not followed. Each source is searched once.
 *
 * @param budget number of includes and reads that may still be examined; reduced by each search
 */
export function createBorrowedReadsFinder(
  places: readonly ChartPlace[],
  facts: SourceFacts,
  budget: { remaining: number } = { remaining: maxFollowed },
): FindBorrowedReads {
  const winners = findWinningDefinitions(places, facts);
  const readsOf = createDefinitionReadsLookup(facts);
  const found = new Map<Chart, readonly OwnedRead[]>();

  function findReads(source: Chart): OwnedRead[] {
    const reads: OwnedRead[] = [];
    if (budget.remaining <= 0) return reads;
    const { included } = facts.notesOf(source);
    budget.remaining -= included.length;
    const names = new Set(included.filter((template) => !template.withoutContext).map(({ name }) => name));
    // Iteration over a Set also visits names that are added meanwhile.
    for (const name of names) {
      if (budget.remaining <= 0) break;
      const winner = winners.get(name);
      if (!winner || winner.place.source === source) continue;
      const owner = winner.place.source;
      const { includes = [] } = winner;
      const inside = readsOf(owner, name);
      budget.remaining -= 1 + includes.length + inside.length;
      for (const inner of includes) names.add(inner);
      for (const read of inside) if (read.file === winner.file) reads.push({ read, owner });
    }
    return reads;
  }

  return (source) => {
    const reads = found.get(source) ?? findReads(source);
    found.set(source, reads);
    return reads;
  };
}

function createDefinitionReadsLookup(facts: SourceFacts) {
  const known = new Map<Chart, Map<string, ValueRead[]>>();
  return (chart: Chart, name: string): readonly ValueRead[] => {
    const reads = known.get(chart) ?? groupByDefinition(facts.notesOf(chart).reads);
    known.set(chart, reads);
    return reads.get(name) ?? [];
  };
}

function groupByDefinition(reads: readonly ValueRead[]): Map<string, ValueRead[]> {
  const groups = new Map<string, ValueRead[]>();
  for (const read of reads) {
    if (read.within === undefined) continue;
    const group = groups.get(read.within) ?? [];
    group.push(read);
    groups.set(read.within, group);
  }
  return groups;
}
