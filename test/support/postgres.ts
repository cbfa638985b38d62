import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { createPool } from '../../core/db/pool.ts';
import type { Database } from '../../core/db/port.ts';

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string;
  }
}

/** Name of the migrated database that test databases are cloned from. */
export const templateName = 'registry_template';

/** Database of a test, with a connection pool. */
export interface TestDatabase {
  url: string;
  db: Database;
  /** Closes `db` and drops the database; fails when a test left a connection to it open. */
  drop(): Promise<void>;
}

/**
 * Creates a database, in general one a test file.
 * @param template `template0` for a database without tables
 */
export async function createTestDatabase(template = templateName): Promise<TestDatabase> {
  const server = inject('postgresUrl');
  const name = `test_${randomBytes(6).toString('hex')}`;
  // The default strategy writes every page to the write-ahead log too.
  await runOn(server, `CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`);
  const address = new URL(server);
  address.pathname = name;
  // Connect by TCP, as to a remote server, so that a test can put a proxy in between.
  address.searchParams.delete('host');
  const url = address.href;
  const db = createPool({ url, applicationName: 'test', onError: () => undefined });
  return {
    url,
    db,
    async drop() {
      await db.close();
      // Not WITH (FORCE): a connection that is still open was leaked by the test, which must fail.
      await runOn(server, `DROP DATABASE ${name}`);
    },
  };
}

async function runOn(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
