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
export type FindBorrowedReads = (place: ChartPlace) => OwnedRead[];

/**
 * Creates the search for reads in templates of other charts that a chart includes.
 * Helm gives them the context of the chart that includes them.
 */
export function createBorrowedReadsFinder(
  places: readonly ChartPlace[],
  facts: SourceFacts,
): FindBorrowedReads {
  const winners = findWinningDefinitions(places, facts);
  const readsOf = createDefinitionReadsLookup(facts);
  return ({ source }) => {
    const names = new Set(facts.notesOf(source).included.map(({ name }) => name));
    const reads: OwnedRead[] = [];
    // Iteration over a Set also visits names that are added meanwhile.
    for (const name of names) {
      const winner = winners.get(name);
      if (!winner || winner.place.source === source) continue;
      const owner = winner.place.source;
      for (const included of winner.includes ?? []) names.add(included);
      for (const read of readsOf(owner, name)) if (read.file === winner.file) reads.push({ read, owner });
    }
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
