import { isSpaceName } from '../chart/names.ts';
import type { Database } from '../db/port.ts';

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

/**
 * Creates the reader of states, whose callers share queries. A caller never joins a running query; callers that
 * arrive during one share the next. Each caller so sees every earlier commit.
 */
export function createSpaceStates(db: Database): SpaceStates {
  let next: Batch | undefined;
  let running = false;

  async function run(): Promise<void> {
    running = true;
    // Gathers all callers of this turn of the event loop.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (next) {
      const batch = next;
      next = undefined;
      try {
        batch.resolve(await readStates(db, [...batch.names]));
      } catch (error) {
        batch.reject(error);
      }
    }
    running = false;
  }

  return {
    async read(space) {
      // A name that PostgreSQL refuses would fail all callers of the query.
      if (!isSpaceName(space)) return undefined;
      next ??= createBatch();
      const batch = next;
      batch.names.add(space);
      if (!running) void run();
      return (await batch.states).get(space);
    },
  };
}

interface Batch {
  names: Set<string>;
  states: Promise<Map<string, SpaceState>>;
  resolve(states: Map<string, SpaceState>): void;
  reject(error: unknown): void;
}

function createBatch(): Batch {
  let resolvers: Pick<Batch, 'resolve' | 'reject'> = { resolve: () => undefined, reject: () => undefined };
  const states = new Promise<Map<string, SpaceState>>((resolve, reject) => {
    resolvers = { resolve, reject };
  });
  return { names: new Set(), states, ...resolvers };
}

async function readStates(db: Database, names: string[]): Promise<Map<string, SpaceState>> {
  const rows = await db.query<Row>(`SELECT name, ${stateColumns} FROM spaces WHERE name = ANY($1)`, [names]);
  return new Map(rows.map((row) => [row.name, toState(row)]));
}
