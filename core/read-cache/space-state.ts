import { isSpaceName } from '../chart/names.ts';
import type { Database } from '../db/port.ts';

/** A space at one moment. */
export interface SpaceState {
  id: number;
  revision: number;
  /** When it came to that, in ISO 8601. */
  changedAt: string;
  /**
   * Names this state and no other, ever: a space that is made again has another id, and a database that was restored from
   * a backup has come to the same revision at another time.
   */
  key: string;
}

interface Row {
  name: string;
  id: number;
  revision: number;
  changed_at: string;
}

/** The columns of `toState`. */
export const stateColumns = `id, revision,
  to_char(changed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS changed_at`;

export function toState({ id, revision, changed_at }: Omit<Row, 'name'>): SpaceState {
  const micros = Date.parse(changed_at) * 1000 + Number(changed_at.slice(-4, -1));
  const key = [id, revision, micros].map((part) => part.toString(36)).join('-');
  return { id, revision, changedAt: changed_at, key };
}

/** Tells the state of spaces. */
export interface SpaceStates {
  /**
   * The state that a space has come to by now, or a later one; undefined when there is no such space.
   * @throws what the database says
   */
  read(space: string): Promise<SpaceState | undefined>;
}

/**
 * Readers share queries: each waits for one that begins after it has come, so it sees all that was committed by then, and
 * all who come while one is under way wait for the next together.
 */
export function createSpaceStates(db: Database): SpaceStates {
  let next: Batch | undefined;
  let running = false;

  async function run(): Promise<void> {
    running = true;
    // All that is to be read in this turn of the event loop is asked for at once.
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
      // One name that PostgreSQL does not take would fail all who share its query.
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
  let settle: Pick<Batch, 'resolve' | 'reject'> = { resolve: () => undefined, reject: () => undefined };
  const states = new Promise<Map<string, SpaceState>>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { names: new Set(), states, ...settle };
}

async function readStates(db: Database, names: string[]): Promise<Map<string, SpaceState>> {
  const rows = await db.query<Row>(`SELECT name, ${stateColumns} FROM spaces WHERE name = ANY($1)`, [names]);
  return new Map(rows.map((row) => [row.name, toState(row)]));
}
