/** Runs SQL: the pool, or one transaction. */
export interface Queryable {
  /**
   * Runs one statement and returns its rows, which the caller types. `bigint` columns are numbers,
   * `timestamptz` columns are `Date`, `jsonb` is parsed. A connection parses each text once, so values that
   * vary belong into the parameters.
   * @throws pg's `DatabaseError` with the SQLSTATE in `code`
   */
  query<T extends object>(sql: string, params?: readonly unknown[]): Promise<T[]>;
}

/** Open transaction; unusable once its function has ended. */
export interface Transaction extends Queryable {
  /**
   * Sends a statement with the COMMIT, in one packet. For a row that every writer updates: the row is then
   * locked for the commit alone. The transaction commits whatever the statement finds, unless the statement
   * fails.
   */
  atCommit(sql: string, params: readonly unknown[]): void;
}

/** Connections of a pool. */
export interface PoolConnections {
  /** Connections that run a statement or a transaction. */
  busy: number;
  idle: number;
  /** Callers that wait for a connection. */
  waiting: number;
}

/** PostgreSQL as the rest of the registry sees it. */
export interface Database extends Queryable {
  /**
   * Runs `fn` in a transaction (READ COMMITTED), and commits, or rolls back when `fn` throws. After a
   * serialization failure or a deadlock `fn` runs again from the start, so it must only query, and change
   * nothing else. Within `fn` use the transaction, never the database: each transaction has one connection, and
   * a full pool would wait for itself. Statements that are not awaited are sent together and run in their
   * order; when one fails, so do those behind it.
   */
  transaction<T>(fn: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Counts the connections as they are now. */
  connections(): PoolConnections;
  /** Waits for running statements and closes every connection. */
  close(): Promise<void>;
}

/** Called with the payload of a NOTIFY; undefined when notifications may have been missed, so read the state anew. */
export type Subscriber = (payload: string | undefined) => void;

/** Connection that receives the notifications of other processes. */
export interface Listener {
  /**
   * Subscribes to a channel; resolves once the server listens, so later commits are heard. While the connection
   * is down it resolves without delay, and the subscriber is called with undefined after the reconnect.
   * @returns a function that ends the subscription
   */
  subscribe(channel: string, subscriber: Subscriber): Promise<() => void>;
  close(): Promise<void>;
}
