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

interface SpaceStateRow {
  id: number;
  revision: number;
  changed_at: string;
}

/** Row of a batch; the name is null where a query with the revision of access found no space. */
interface BatchRow extends SpaceStateRow {
  name: string | null;
  visibility: Visibility;
  access?: string;
}

/** Columns for `toState`. */
export const stateColumns = `id, revision,
  to_char(changed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS changed_at`;

/** Makes the state of a space from its row. */
export function toState({ id, revision, changed_at }: SpaceStateRow): SpaceState {
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
    async (questions: SpaceStateQuestion[]) => {
      const names = [...new Set(questions.map(({ name }) => name))];
      // With open access nobody asks for the revision, and reads do without its table.
      const rows = await db.query<BatchRow>(
        questions.some(({ ofAccess }) => ofAccess) ? withAccessStatement : spacesStatement,
        [names],
      );
      // Made once for all who share the query.
      const spaces = new Map(
        rows.flatMap((row) =>
          row.name === null ? [] : [[row.name, { state: toState(row), visibility: row.visibility }]],
        ),
      );
      return questions.map(({ name }) => ({ access: rows[0]?.access, space: spaces.get(name) }));
    },
    { max: maxBatch },
  );
  return {
    async read(space) {
      // A name that PostgreSQL refuses would fail all callers of the query.
      if (!isSpaceName(space)) return undefined;
      return (await readBatch(space, { name: space, ofAccess: false })).space?.state;
    },
    async readAccess(space = '') {
      const name = isSpaceName(space) ? space : '';
      const { access = '', space: found } = await readBatch(name, { name, ofAccess: true });
      return { revision: access, space: found && { id: found.state.id, visibility: found.visibility } };
    },
  };
}

interface SpaceStateQuestion {
  name: string;
  /** Whether the answer needs the revision of access. */
  ofAccess: boolean;
}

const spacesStatement = `SELECT name, visibility, ${stateColumns} FROM spaces WHERE name = ANY((SELECT $1::text[])::text[])`;

/** SQL of spaces with the revision of access; one row with the revision alone where no space is found. */
const withAccessStatement = `
  SELECT a.revision || ' ' || extract(epoch FROM a.changed_at) AS access, s.*
    FROM access_revision a LEFT JOIN (${spacesStatement}) s ON true`;
