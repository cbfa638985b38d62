import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/postgres.ts';
import { migrateQueue } from '../queue/migrate.ts';
import { StartError } from '../runtime/startup-error.ts';
import { assertMigrated, migrate } from './migrate.ts';
import { type Migration, readMigrations } from './migration-files.ts';

describe('migrate', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase('template0');
    onTestFinished(() => database.drop());
  });

  const first = migration('0001_one.sql', 'CREATE TABLE one (n integer)');
  const second = migration('0002_two.sql', 'CREATE TABLE two (n integer); INSERT INTO two VALUES (2)');
  const tables = async () =>
    (
      await database.db.query<{ tablename: string }>(
        `SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`,
      )
    ).map(({ tablename }) => tablename);

  it('applies the migrations of the package and of the queue once', async () => {
    const { url, db } = database;
    const files = (await readMigrations()).map(({ name }) => name);
    expect(files[0]).toBe('0001_initial.sql');
    expect(await migrate({ url, also: [migrateQueue] })).toEqual(files);
    expect(await migrate({ url, also: [migrateQueue] })).toEqual([]);
    await expect(assertMigrated(db)).resolves.toBeUndefined();
    expect(
      await db.query(
        `SELECT 1 AS found FROM pg_tables WHERE schemaname = 'bullmq' AND tablename = 'migration'`,
      ),
    ).toEqual([{ found: 1 }]);
  });

  it('applies missing migrations in order', async () => {
    const { url, db } = database;
    await migrate({ url, migrations: [first] });
    await expect(assertMigrated(db, [first, second])).rejects.toThrow('lacks migration 0002_two.sql');
    expect(await migrate({ url, migrations: [first, second] })).toEqual(['0002_two.sql']);
    expect(await tables()).toEqual(['one', 'schema_migrations', 'two']);
    expect(await db.query('SELECT name, sha256 FROM schema_migrations ORDER BY name')).toEqual([
      { name: first.name, sha256: first.sha256 },
      { name: second.name, sha256: second.sha256 },
    ]);
  });

  it('names the command to run when no migration was ever applied', async () => {
    const check = assertMigrated(database.db, [first]);
    await expect(check).rejects.toThrow(StartError);
    await expect(check).rejects.toThrow('helm-registry migrate');
  });

  it('rolls back a migration that fails, and names it', async () => {
    const broken = migration('0002_broken.sql', 'CREATE TABLE half (n integer); SELECT nonsense');
    const { url } = database;
    await expect(migrate({ url, migrations: [first, broken] })).rejects.toThrow('0002_broken.sql');
    expect(await tables()).toEqual(['one', 'schema_migrations']);
    expect(await migrate({ url, migrations: [first, second] })).toEqual(['0002_two.sql']);
  });

  it('refuses a migration that was edited after it was applied', async () => {
    const { url, db } = database;
    await migrate({ url, migrations: [first] });
    const edited = migration(first.name, `${first.sql} -- edited`);
    await expect(migrate({ url, migrations: [edited, second] })).rejects.toThrow('0001_one.sql was changed');
    await expect(assertMigrated(db, [edited])).rejects.toThrow('0001_one.sql was changed');
    expect(await tables()).toEqual(['one', 'schema_migrations']);
  });

  it('leaves a newer database as it is, unless its migration needs a newer program', async () => {
    const { url, db } = database;
    await migrate({ url, migrations: [first, second] });
    expect(await migrate({ url, migrations: [first] })).toEqual([]);
    await expect(assertMigrated(db, [first])).resolves.toBeUndefined();
    await expect(assertMigrated(db, [second])).rejects.toThrow('0001_one.sql, which this program does not');

    const breaking = migration('0003_three.sql', '-- needs: 0002 because it drops `one`\nDROP TABLE one');
    await migrate({ url, migrations: [first, second, breaking] });
    await expect(assertMigrated(db, [first, second])).resolves.toBeUndefined();
    await expect(migrate({ url, migrations: [first] })).rejects.toThrow('start a newer release');
    await expect(assertMigrated(db, [first])).rejects.toThrow('that know migration 0002');
  });

  it('runs on a database that an older program has migrated, which has recorded no needs', async () => {
    const { url, db } = database;
    await migrate({ url, migrations: [first] });
    await db.query('ALTER TABLE schema_migrations DROP COLUMN needs');
    await expect(assertMigrated(db, [first])).resolves.toBeUndefined();
    expect(await migrate({ url, migrations: [first, second] })).toEqual(['0002_two.sql']);
  });

  it('waits for a long transaction without holding up anybody else', async () => {
    const { url, db } = database;
    await migrate({ url, migrations: [first] });
    const altering = migration('0002_two.sql', 'ALTER TABLE one ADD COLUMN m integer');
    const times = { lockTimeoutMs: 1_000, pauseMs: 1, maxWaitMs: 60_000 };
    const asked = () =>
      db.query(
        `SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid)
          WHERE a.datname = current_database() AND a.application_name = 'helm-registry migrate' AND NOT l.granted`,
      );
    let migrating: Promise<string[]> | undefined;
    await db.transaction(async (tx) => {
      await tx.query('SELECT FROM one');
      migrating = migrate({ url, migrations: [first, altering], times });
      migrating.catch(() => undefined);
      await expect.poll(asked, { interval: 5 }).not.toEqual([]);
      // Stands behind the migration in the queue for the table, until that pauses.
      await db.query('INSERT INTO one VALUES (1)');
    });
    expect(await migrating).toEqual(['0002_two.sql']);
  });

  it('ends when it gets no lock in all its time, and names the oldest transaction', async () => {
    const { url, db } = database;
    await migrate({ url, migrations: [first] });
    const altering = migration('0002_two.sql', 'ALTER TABLE one ADD COLUMN m integer');
    await db.transaction(async (tx) => {
      await tx.query('SELECT FROM one');
      const [session] = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      const times = { lockTimeoutMs: 20, pauseMs: 1, maxWaitMs: 50 };
      await expect(migrate({ url, migrations: [first, altering], times })).rejects.toThrow(
        `0002_two.sql failed and was rolled back: canceling statement due to lock timeout. The oldest transaction is that of process ${session?.pid} ("test")`,
      );
    });
    expect(await migrate({ url, migrations: [first, altering] })).toEqual(['0002_two.sql']);
  });

  it('builds an index outside a transaction, again after a failure, while another process waits to migrate', async () => {
    const { url, db } = database;
    const failing = migration(
      '0002_index.sql',
      '-- without a transaction\nDROP INDEX CONCURRENTLY IF EXISTS one_by_n;\n-- Once.\nCREATE UNIQUE INDEX CONCURRENTLY one_by_n ON one (n);\n',
    );
    await migrate({ url, migrations: [first] });
    await db.query('INSERT INTO one VALUES (1), (1)');
    await expect(migrate({ url, migrations: [first, failing] })).rejects.toThrow(
      'could not create unique index',
    );
    await db.query('DELETE FROM one');
    const applied = await Promise.all(
      Array.from({ length: 3 }, () => migrate({ url, migrations: [first, failing] })),
    );
    expect(applied.flat()).toEqual(['0002_index.sql']);
    expect(
      await db.query(`SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = 'one_by_n'::regclass`),
    ).toEqual([{ valid: true }]);
  });

  it('applies each migration once when processes start together', async () => {
    const { url } = database;
    const results = await Promise.all(
      Array.from({ length: 5 }, () => migrate({ url, migrations: [first, second], also: [migrateQueue] })),
    );
    expect(results.flat().sort()).toEqual([first.name, second.name]);
  });

  it('releases the lock of migrations when a step fails', async () => {
    const { url } = database;
    const failing = async (client: pg.Client) => {
      await client.query('SELECT nonsense');
    };
    await expect(migrate({ url, migrations: [first], also: [failing] })).rejects.toThrow('nonsense');
    expect(await migrate({ url, migrations: [first] })).toEqual([]);
  });
});

describe('readMigrations', () => {
  it('reads migrations with either line end alike, and refuses a name without a number', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'helm-registry-migrations-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, '0002_b.sql'), 'SELECT 2;\r\n');
    await writeFile(join(folder, '0001_a.sql'), 'SELECT 1;\n');
    await writeFile(join(folder, 'README.md'), '');
    const [a, b] = await readMigrations(folder);
    expect(a).toEqual(migration('0001_a.sql', 'SELECT 1;\n'));
    expect(b).toEqual(migration('0002_b.sql', 'SELECT 2;\n'));
    await writeFile(join(folder, 'fix.sql'), '');
    await expect(readMigrations(folder)).rejects.toThrow('fix.sql');
  });
});

function migration(name: string, sql: string): Migration {
  return { name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
}
