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

/** The migrated database that every test database is a clone of. */
export const templateName = 'registry_template';

export interface TestDatabase {
  url: string;
  db: Database;
  /** Closes `db` and drops the database; fails when a test left a connection to it open. */
  drop(): Promise<void>;
}

/**
 * Makes a database for one test file.
 * @param template `template0` for one without any of our tables
 */
export async function createTestDatabase(template = templateName): Promise<TestDatabase> {
  const server = inject('postgresUrl');
  const name = `test_${randomBytes(6).toString('hex')}`;
  // The default writes every page to the log as well.
  await runOn(server, `CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`);
  const own = new URL(server);
  own.pathname = name;
  // By TCP, as servers elsewhere are reached, and where a test can put something in between.
  own.searchParams.delete('host');
  const url = own.href;
  const db = createPool({ url, applicationName: 'test', onError: () => undefined });
  return {
    url,
    db,
    async drop() {
      await db.close();
      // Not WITH (FORCE): what is still connected was leaked by the test.
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
