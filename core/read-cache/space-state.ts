import { isSpaceName } from '../chart/names.ts';
import type { Database } from '../db/port.ts';
import { batchCalls } from '../runtime/batch-calls.ts';

/** State of a space at one time. */
export interface SpaceState {
  id: number;
  revision: number;
  /** Time of its last change, in ISO 8601. */
  changedAt: string;
  /**
   * Unique key of this state. A recreated space has another id, and a database restored from a backup reaches
   * an old revision again at another time.
   */
  key: string;
}

interface Row {
  name: string;
  id: number;
  revision: number;
  changed_at: string;
}

/** Columns for `toState`. */
export const stateColumns = `id, revision,
  to_char(changed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS changed_at`;

/** Makes the state of a space from its row. */
export function toState({ id, revision, changed_at }: Omit<Row, 'name'>): SpaceState {
  const micros = Date.parse(changed_at) * 1000 + Number(changed_at.slice(-4, -1));
  const key = [id, revision, micros].map((part) => part.toString(36)).join('-');
  return { id, revision, changedAt: changed_at, key };
}

/** Reader of the states of spaces. */
export interface SpaceStates {
  /**
   * Reads the current state of a space, or a later one; undefined when it does not exist.
   * @throws the errors of the database
   */
  read(space: string): Promise<SpaceState | undefined>;
}

/** Largest number of spaces in a query. */
const maxBatch = 1_000;

/**
 * Creates the reader of states, whose callers share queries. A caller never joins a running query; callers that
 * arrive during one share the next. Each caller so sees every earlier commit.
 */
export function createSpaceStates(db: Database): SpaceStates {
  const readBatch = batchCalls(
    async (names: string[]) => {
      const states = await readStates(db, [...new Set(names)]);
      return names.map((name) => states.get(name));
    },
    { max: maxBatch },
  );
  return {
    // A name that PostgreSQL refuses would fail all callers of the query.
    read: async (space) => (isSpaceName(space) ? readBatch(space, space) : undefined),
  };
}

async function readStates(db: Database, names: string[]): Promise<Map<string, SpaceState>> {
  const rows = await db.query<Row>(`SELECT name, ${stateColumns} FROM spaces WHERE name = ANY($1)`, [names]);
  return new Map(rows.map((row) => [row.name, toState(row)]));
}
