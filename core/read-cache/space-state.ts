import type { Visibility } from '../access/rights.ts';
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

/** Space as access control sees it. */
export interface SpaceAccess {
  id: number;
  visibility: Visibility;
}

/** Revision of access at one time, and a space at that time. */
export interface AccessState {
  revision: string;
  /** Undefined for a space that does not exist. */
  space: SpaceAccess | undefined;
}

interface Row {
  name: string;
  id: number;
  revision: number;
  changed_at: string;
}

/** Row of a batch: the revision of access with each space, or with nulls where none was found. */
interface BatchRow {
  access: string;
  name: string | null;
  visibility: Visibility;
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

/** Reader of what access control must know at each request. */
export interface AccessStates {
  /**
   * Reads the current revision of access, and the space as access control sees it.
   * @param space name; without one the revision alone is read
   * @throws the errors of the database
   */
  readAccess(space?: string): Promise<AccessState>;
}

/** Largest number of spaces in a query. */
const maxBatch = 1_000;

/**
 * Creates the reader of states, whose callers share queries. A caller never joins a running query; callers that
 * arrive during one share the next. Each caller so sees every earlier commit.
 */
export function createSpaceStates(db: Database): SpaceStates & AccessStates {
  const readBatch = batchCalls(
    async (names: string[]) => {
      const batch = await readStates(db, [...new Set(names)]);
      return names.map((name) => ({ access: batch.access, found: batch.spaces.get(name) }));
    },
    { max: maxBatch },
  );
  // A name that PostgreSQL refuses would fail all callers of the query.
  const readNamed = (space: string) => readBatch(space, isSpaceName(space) ? space : '');
  return {
    read: async (space) => (isSpaceName(space) ? (await readNamed(space)).found?.state : undefined),
    async readAccess(space = '') {
      const { access, found } = await readNamed(space);
      return { revision: access, space: found?.space };
    },
  };
}

interface FoundSpace {
  state: SpaceState;
  space: SpaceAccess;
}

async function readStates(
  db: Database,
  names: string[],
): Promise<{ access: string; spaces: Map<string, FoundSpace> }> {
  const rows = await db.query<BatchRow>(
    `SELECT a.revision || ' ' || extract(epoch FROM a.changed_at) AS access, s.*
       FROM access_revision a
       LEFT JOIN (SELECT name, visibility, ${stateColumns} FROM spaces WHERE name = ANY($1)) s ON true`,
    [names],
  );
  const spaces = new Map<string, FoundSpace>();
  for (const { name, visibility, ...row } of rows)
    if (name !== null) spaces.set(name, { state: toState(row), space: { id: row.id, visibility } });
  return { access: rows[0]?.access ?? '', spaces };
}
