import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../../core/db/embedded.ts';
import { migrate } from '../../core/db/migrate.ts';
import { migrateQueue } from '../../core/queue/migrate.ts';
import { templateName } from './postgres.ts';

// Durability is tested where the server is the subject; everywhere else only speed counts.
const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum: 'off' };

/** Starts the one PostgreSQL of a test run, with a migrated database to clone; gives what ends it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'helm-registry-test-'));
  const log = { info: () => undefined, error: (message: string) => project.vitest.logger.error(message) };
  const postgres = await startEmbeddedPostgres({ dataDir, log, settings });
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(`CREATE DATABASE ${templateName}`);
  await client.end();
  const template = new URL(postgres.url);
  template.pathname = templateName;
  await migrate({ url: template.href, also: [migrateQueue] });
  project.provide('postgresUrl', postgres.url);
  return async () => {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
