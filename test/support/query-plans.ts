import { expect } from 'vitest';
import { z } from 'zod';
import type { Database } from '../../core/db/port.ts';

/** Node of a query plan with what it read. `Actual Rows` is the average of its loops. */
export interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string | undefined;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number | undefined;
  'Rows Removed by Index Recheck'?: number | undefined;
  /** Pages of 8 KiB that the node and those below it read, from memory and from the disk. */
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: PlanNode[] | undefined;
}
const planNode: z.ZodType<PlanNode> = z.object({
  'Node Type': z.string(),
  'Relation Name': z.string().optional(),
  'Actual Rows': z.number(),
  'Actual Loops': z.number(),
  'Rows Removed by Filter': z.number().optional(),
  'Rows Removed by Index Recheck': z.number().optional(),
  'Shared Hit Blocks': z.number(),
  'Shared Read Blocks': z.number(),
  get Plans() {
    return z.array(planNode).optional();
  },
});
const explained = z.tuple([z.object({ 'QUERY PLAN': z.tuple([z.object({ Plan: planNode })]) })]);

/** Recorder of queries, to examine their plans. */
export interface QueryRecorder {
  /** Database that records its queries and runs them. */
  db: Database;
  /** Database that records its queries alone: each has no rows. */
  unrun: Database;
  /** Makes a call, and returns the plan of each query that it sent. What the plans change is undone. */
  explain(call: () => Promise<unknown>): Promise<PlanNode[]>;
}

/** Records the queries that are sent to a database outside of transactions. */
export function recordQueries(database: Database): QueryRecorder {
  let sent: { sql: string; params: readonly unknown[] }[] = [];
  async function explainOne(sql: string, params: readonly unknown[]): Promise<PlanNode> {
    let plan: PlanNode | undefined;
    const undone = database.transaction(async (tx) => {
      const rows = await tx.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${sql}`, params);
      plan = explained.parse(rows)[0]['QUERY PLAN'][0].Plan;
      throw new Undone();
    });
    await expect(undone).rejects.toThrow(Undone);
    if (!plan) throw new Error('a query has no plan');
    return plan;
  }

  return {
    db: {
      ...database,
      query(sql, params = []) {
        sent.push({ sql, params });
        return database.query(sql, params);
      },
    },
    unrun: {
      ...database,
      async query(sql, params = []) {
        sent.push({ sql, params });
        return [];
      },
    },
    async explain(call) {
      sent = [];
      await call();
      const plans: PlanNode[] = [];
      for (const { sql, params } of sent) plans.push(await explainOne(sql, params));
      expect(plans.length).toBeGreaterThan(0);
      return plans;
    },
  };
}

/** Ends a transaction whose changes are not to stay. */
class Undone extends Error {}

/** Lists a node and all below it. */
export function listNodes(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(listNodes)];
}

/** Counts the rows that a node examined, in all its loops. */
export function countRows(node: PlanNode): number {
  const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  return (node['Actual Rows'] + removed) * node['Actual Loops'];
}

/** Finds the most rows that a node of some plans examined. */
export function findMostRows(plans: readonly PlanNode[]): number {
  return Math.max(...plans.flatMap(listNodes).map(countRows));
}

/** Counts the rows of a table that plans examined. */
export function countRowsOf(table: string, plans: readonly PlanNode[]): number {
  const nodes = plans.flatMap(listNodes).filter((node) => node['Relation Name'] === table);
  return nodes.reduce((total, node) => total + countRows(node), 0);
}

/** Counts the pages of tables and indexes that plans read. */
export function countPages(plans: readonly PlanNode[]): number {
  return plans.reduce((total, plan) => total + plan['Shared Hit Blocks'] + plan['Shared Read Blocks'], 0);
}

/** Lists the tables that plans read as a whole, among some. Reading by an index does not count. */
export function listScans(tables: readonly string[], plans: readonly PlanNode[]): string[] {
  return plans
    .flatMap(listNodes)
    .filter((node) => node['Node Type'] === 'Seq Scan' && countRows(node) > 0)
    .flatMap(({ 'Relation Name': table }) => (table !== undefined && tables.includes(table) ? [table] : []));
}
