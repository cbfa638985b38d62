import type { AuditAction, AuditOutcome } from './actions.ts';
import type { AuditCursor } from './cursor.ts';

/** Filter of events; all conditions must be met. */
export interface AuditFilter {
  space?: string | undefined;
  /** Id of the space, where an earlier space of the same name must not be seen. */
  spaceId?: number | undefined;
  chart?: string | undefined;
  /** Name of a principal. */
  principal?: string | undefined;
  action?: AuditAction | undefined;
  outcome?: AuditOutcome | undefined;
  /** Earliest time, itself included; ISO 8601. */
  since?: string | undefined;
  /** Latest time, itself left out; ISO 8601. */
  until?: string | undefined;
}

/** Conditions of a query, and the values of its parameters. */
interface Conditions {
  readonly sql: string;
  readonly params: unknown[];
}

/** Columns with an index that has the order of the list; the first that a filter has leads. */
const indexedColumns = ['space', 'principal', 'action'] as const;

/**
 * Makes the SQL conditions of a filter, in two groups. An index finds rows by the first in the order of the list; the
 * rest is checked on those rows.
 * @param after cursor after which the events are
 */
export function toConditions(
  filter: AuditFilter,
  after: AuditCursor | undefined,
): { leading: Conditions; rest: Conditions } {
  const { since, until, outcome, spaceId } = filter;
  const leader = indexedColumns.find((column) => filter[column] !== undefined);
  const leading = createConditions(1);
  if (leader) leading.add(`${leader} = ?`, filter[leader]);
  // As the condition of the index is written, or the planner would not use it.
  else if (outcome !== undefined && outcome !== 'done') leading.add("outcome <> 'done'");
  if (since !== undefined) leading.add('at >= ?::timestamptz', since);
  if (until !== undefined) leading.add('at < ?::timestamptz', until);
  if (after) leading.add('(at, number) < (?::timestamptz, ?)', after.time, after.number);
  const rest = createConditions(leading.params.length + 1);
  for (const column of ['principal', 'action', 'chart', 'outcome'] as const)
    if (column !== leader && filter[column] !== undefined) rest.add(`${column} = ?`, filter[column]);
  if (spaceId !== undefined) rest.add('space_id = ?', spaceId);
  return { leading, rest };
}

/** Creates a list of conditions. @param first number of its first parameter */
function createConditions(first: number): Conditions & { add(sql: string, ...values: unknown[]): void } {
  const params: unknown[] = [];
  const conditions: string[] = [];
  const numbered = (sql: string, value: unknown) => sql.replace('?', `$${first - 1 + params.push(value)}`);
  return {
    params,
    get sql() {
      return conditions.length === 0 ? 'true' : conditions.join(' AND ');
    },
    add: (sql, ...values) => void conditions.push(values.reduce(numbered, sql)),
  };
}
