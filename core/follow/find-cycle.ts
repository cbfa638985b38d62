import type { Queryable, Transaction } from '../db/port.ts';
import type { NamedChart } from '../registry/mask-sources.ts';
import { chartIdSql } from '../registry/version-lookup.ts';
import { isCycleSql } from './stopped.ts';

/** Largest number of charts that a search visits. */
export const maxCycleSearch = 10_000;

/**
 * Finds a way from some charts down to one of them. The way leads along the ranges of followed charts. Exact sources
 * are not edges: a new version of theirs composes nothing. A chart that is not followed has no edges either, nor has
 * one whose follow has failed by a cycle. So of the charts that close a cycle together, one fails and the others go on.
 * @param start charts that the followed chart takes by ranges
 * @returns charts from the goal by its source back to it; undefined when there is none. Empty where more than
 *   `maxCycleSearch` charts are below, so that a cycle cannot be ruled out: callers refuse that too
 */
export async function findCycle(
  db: Queryable,
  goal: NamedChart,
  start: readonly NamedChart[],
): Promise<NamedChart[] | undefined> {
  const goalName = nameOf(goal);
  const above = new Map<string, NamedChart>();
  let level: NamedChart[] = [];
  let isGivenUp = false;
  const visit = (chart: NamedChart, from: NamedChart) => {
    const name = nameOf(chart);
    if (above.has(name)) return;
    if (above.size >= maxCycleSearch) {
      isGivenUp = true;
      return;
    }
    above.set(name, from);
    level.push(chart);
  };
  for (const chart of start) visit(chart, goal);
  while (level.length > 0) {
    if (above.has(goalName)) return traceChain(above, goal);
    if (isGivenUp) return [];
    const edges = await selectEdges(db, level);
    level = [];
    for (const { from, fromSpace, ...chart } of edges) visit(chart, { space: fromSpace, chart: from });
  }
  // All charts of the last level may have been left out.
  return isGivenUp ? [] : undefined;
}

function selectEdges(
  db: Queryable,
  charts: readonly NamedChart[],
): Promise<(NamedChart & { fromSpace: string; from: string })[]> {
  return db.query(
    `SELECT DISTINCT n.space AS "fromSpace", n.chart AS "from", fs.space, fs.chart
       FROM unnest((SELECT $1::text[]), (SELECT $2::text[])) AS n (space, chart)
            JOIN follows f ON f.chart_id = ${chartIdSql('n.space', 'n.chart')} AND NOT ${isCycleSql('f.failure')}
            JOIN follow_sources fs ON fs.follow_id = f.id AND fs.requested <> fs.version`,
    [charts.map(({ space }) => space), charts.map(({ chart }) => chart)],
  );
}

function traceChain(above: ReadonlyMap<string, NamedChart>, goal: NamedChart): NamedChart[] {
  const goalName = nameOf(goal);
  const chain = [goal];
  for (let at = above.get(goalName); at && nameOf(at) !== goalName; at = above.get(nameOf(at)))
    chain.unshift(at);
  return [goal, ...chain];
}

function nameOf({ space, chart }: NamedChart): string {
  return `${space}/${chart}`;
}

/**
 * Makes transactions that add edges check one after another. Each sees the edges of those before it. To be called
 * after the edges are written, so that the lock lasts for the check and the commit alone.
 */
export async function lockFollowGraph(tx: Transaction): Promise<void> {
  await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('follow graph', 0))");
}
