import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readPostmaster } from './embedded/postmaster.ts';
import { startEmbeddedPostgres } from './embedded.ts';

const childScript = fileURLToPath(new URL('../../test/support/embedded-child.ts', import.meta.url));
const log = { info: () => undefined, error: () => undefined };

interface Child {
  process: ChildProcess;
  /** Reads the next line of the process's output. */
  line(): Promise<string>;
}

describe('embedded PostgreSQL', () => {
  let dataDir: string;
  let children: ChildProcess[] = [];

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'helm-registry-embedded-'));
  });

  beforeEach(() => async () => {
    for (const child of children) child.kill('SIGKILL');
    children = [];
    await untilNoServer(dataDir);
  });

  afterAll(() => rm(dataDir, { recursive: true, force: true }));

  function start(folder = dataDir): Child {
    const child = spawn(process.execPath, ['--import', 'tsx', childScript, folder], {
      // A process group of its own, so that a test can signal all of it as a terminal does.
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return { process: child, line: async () => String((await lines.next()).value) };
  }

  it('keeps the data of the embedded PostgreSQL, listens on loopback only, and asks for a password', async () => {
    const first = await startEmbeddedPostgres({ dataDir, log });
    await run(first.url, 'CREATE TABLE kept AS SELECT 1 AS one');
    await first.stop();
    const second = await startEmbeddedPostgres({ dataDir, log });
    try {
      expect(await run(second.url, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
      expect(await run(second.url, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
      expect(await run(second.url, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
      const stranger = new URL(second.url);
      stranger.password = 'guess';
      await expect(run(stranger.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
    } finally {
      await second.stop();
    }
    expect(await readPostmaster(join(dataDir, 'postgres'))).toBeUndefined();
  });

  it('connects to the embedded PostgreSQL by a socket where its path fits, else by TCP', async () => {
    const socket = 'SELECT inet_server_addr() IS NULL AS socket';
    const near = await startEmbeddedPostgres({ dataDir, log });
    try {
      expect(await run(near.url, socket)).toEqual([{ socket: true }]);
      const distant = new URL(near.url);
      distant.searchParams.delete('host');
      expect(await run(distant.href, socket)).toEqual([{ socket: false }]);
    } finally {
      await near.stop();
    }
    const deep = await startEmbeddedPostgres({ dataDir: join(dataDir, 'deep'.repeat(20)), log });
    try {
      expect(await run(deep.url, socket)).toEqual([{ socket: false }]);
    } finally {
      await deep.stop();
    }
  });

  it('refuses a data folder that is in use, and names it', async () => {
    const holder = start();
    expect(await holder.line()).toMatch(/^ready /);
    expect(await start().line()).toMatch(
      new RegExp(`^failed the data folder ${dataDir} is in use by another registry`),
    );
    await expect(startEmbeddedPostgres({ dataDir, log })).rejects.toThrow(dataDir);
  });

  it('starts one of several processes that start on the same data folder', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => start().line()));
    expect(answers.map((line) => line.split(' ')[0]).sort()).toEqual(['failed', 'failed', 'ready']);
  });

  it('starts after a kill with the committed data, and the old server is gone', async () => {
    const killed = start();
    const url = (await killed.line()).replace('ready ', '');
    await run(url, 'CREATE TABLE survives AS SELECT 7 AS seven');
    const before = await readPostmaster(join(dataDir, 'postgres'));
    killed.process.kill('SIGKILL');
    const next = start();
    const line = await next.line();
    expect(line).toMatch(/^ready /);
    expect(await run(line.replace('ready ', ''), 'SELECT seven FROM survives')).toEqual([{ seven: 7 }]);
    await expect.poll(() => isAlive(before?.pid ?? 0)).toBe(false);
  });

  it('stops PostgreSQL when its process is killed and does not start again', async () => {
    const killed = start();
    await killed.line();
    const server = await readPostmaster(join(dataDir, 'postgres'));
    killed.process.kill('SIGKILL');
    await untilNoServer(dataDir);
    // The server deletes its file before it ends.
    await expect.poll(() => isAlive(server?.pid ?? 0)).toBe(false);
  });

  it('recovers the data when PostgreSQL itself was killed', async () => {
    const holder = start();
    const url = (await holder.line()).replace('ready ', '');
    await run(url, 'CREATE TABLE recovered AS SELECT 3 AS three');
    const server = await readPostmaster(join(dataDir, 'postgres'));
    process.kill(server?.pid ?? 0, 'SIGKILL');
    expect(await holder.line()).toMatch(/^PostgreSQL ended by itself/);
    holder.process.kill('SIGKILL');
    const line = await start().line();
    expect(await run(line.replace('ready ', ''), 'SELECT three FROM recovered')).toEqual([{ three: 3 }]);
  });

  it('shuts PostgreSQL down once when a terminal signals the process group', async () => {
    const child = start();
    const url = (await child.line()).replace('ready ', '');
    const before = await readFile(join(dataDir, 'postgres.log'), 'utf8');
    await run(url, 'SELECT 1');
    const exited = once(child.process, 'exit');
    process.kill(-(child.process.pid ?? 0), 'SIGINT');
    expect(await child.line()).toBe('stopped');
    expect(await exited).toEqual([0, null]);
    const after = (await readFile(join(dataDir, 'postgres.log'), 'utf8')).slice(before.length);
    expect(after.match(/received .* shutdown request/g)).toEqual(['received fast shutdown request']);
    expect(after).toContain('database system is shut down');
  });

  it('tells a process that has the id of the old server from the server', async () => {
    const stale = `${process.pid}\n${join(dataDir, 'postgres')}\n1\n5432\n\n127.0.0.1\n0 0\nready\n`;
    await writeFile(join(dataDir, 'postgres', 'postmaster.pid'), stale);
    const postgres = await startEmbeddedPostgres({ dataDir, log });
    expect(await run(postgres.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await postgres.stop();
  });

  it('makes the database again after an interrupted initdb', async () => {
    const folder = join(dataDir, 'cut-short');
    await mkdir(folder);
    const killed = start(folder);
    await untilEntry(folder, 'postgres.init-');
    killed.process.kill('SIGKILL');
    expect(await start(folder).line()).toMatch(/^ready /);
    expect((await readdir(folder)).filter((name) => name.startsWith('postgres.init-'))).toEqual([]);
    for (const child of children) child.kill('SIGKILL');
    await untilNoServer(folder);
  });
});

async function run(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function untilNoServer(dataDir: string): Promise<void> {
  await expect.poll(() => readPostmaster(join(dataDir, 'postgres')), { timeout: 20_000 }).toBeUndefined();
}

async function untilEntry(folder: string, prefix: string): Promise<void> {
  const find = async () => (await readdir(folder)).some((name) => name.startsWith(prefix));
  await expect.poll(find, { timeout: 20_000, interval: 2 }).toBe(true);
}
