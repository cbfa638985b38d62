/** Where SQL can be sent: the pool, or one transaction. */
export interface Queryable {
  /**
   * Runs one statement and gives its rows, which the caller types; `bigint` columns are numbers, `timestamptz` columns
   * are `Date`, `jsonb` is parsed. A connection parses a text once, so what varies belongs into the parameters.
   * @throws pg's `DatabaseError` with the SQLSTATE in `code`
   */
  query<T extends object>(sql: string, params?: readonly unknown[]): Promise<T[]>;
}

/** A transaction that is open; of no use once its function has ended. */
export interface Transaction extends Queryable {
  /**
   * Leaves a statement to be sent with the COMMIT, in one packet: for a row that every writer wants, which is so held for the
   * time of the commit alone. Whatever the statement finds, the transaction commits, unless it fails.
   */
  atCommit(sql: string, params: readonly unknown[]): void;
}

/** PostgreSQL as the rest of the registry sees it. */
export interface Database extends Queryable {
  /**
   * Runs `fn` in a transaction (READ COMMITTED) and commits what it did, or rolls back when it throws. A serialization
   * failure or a deadlock runs `fn` again from the start, so it must do nothing but queries that it would not do twice.
   * The transaction holds one connection: within `fn` use the transaction, never the database, or a full pool waits for
   * itself. Statements that are not waited for, one after the other, are sent at once and run in their order; when one
   * fails, so do those behind it.
   */
  transaction<T>(fn: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Waits for what is running and closes every connection. */
  close(): Promise<void>;
}

/** Called with what NOTIFY sent, or with undefined when notifications may have been missed: look for yourself then. */
export type Subscriber = (payload: string | undefined) => void;

/** One connection that hears what other processes tell through PostgreSQL. */
export interface Listener {
  /**
   * Hears a channel from now on. Resolves once the server has taken note, so what is committed after that is heard;
   * while the connection is down it resolves at once, and a signal follows when it is back.
   * @returns what ends the subscription
   */
  subscribe(channel: string, subscriber: Subscriber): Promise<() => void>;
  close(): Promise<void>;
}
