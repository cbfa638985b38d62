import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createClient } from './support/client.ts';
import { createTestDatabase } from './support/postgres.ts';
import { runCli, whenServing } from './support/process.ts';

/** Starts `serve` with a number of API processes, and records the ids of those that answer requests. */
async function start(processes: number) {
  const dataDir = await mkdtemp(join(tmpdir(), 'registry-api-processes-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const child = runCli(['serve'], {
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    LISTEN: '127.0.0.1:0',
    LOG_LEVEL: 'debug',
    API_PROCESSES: String(processes),
  });
  const answered = new Set<number>();
  if (child.stdout)
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { pid, msg } = JSON.parse(line);
      if (msg === 'request') answered.add(pid);
    });
  const served = await whenServing(child, 'serve');
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) await served.end('SIGKILL', true);
  });
  /** Sends requests on new connections, all at once. @returns the statuses */
  const ask = async (connections = 20) => {
    const requests = Array.from({ length: connections }, () =>
      fetch(`${served.url}/healthz`, { headers: { Connection: 'close' } }),
    );
    return (await Promise.all(requests)).map(({ status }) => status);
  };
  return { served, answered, ask };
}

describe('serve with several processes', () => {
  it('serve with several processes answers from all of them at one address, and replaces one that ends', async () => {
    const { served, answered, ask } = await start(3);
    const first = async () => {
      await ask();
      return answered.size;
    };
    await expect.poll(first, { timeout: 30_000 }).toBe(3);
    const before = new Set(answered);
    const [helper = 0] = [...before].filter((pid) => pid !== served.process.pid);
    process.kill(helper, 'SIGKILL');
    answered.clear();
    const again = async () => {
      // Requests on a connection to the killed process fail.
      await ask().catch(() => undefined);
      // Log lines that it wrote before it was killed may be read after.
      answered.delete(helper);
      return answered.size;
    };
    await expect.poll(again, { timeout: 30_000 }).toBe(3);
    expect(await ask()).toEqual(Array(20).fill(200));
    expect(await served.end('SIGTERM')).toBe(0);
    await expect(ask(1)).rejects.toThrow();
  });

  it('serve with several processes composes recipes that any of them accepted', async () => {
    const { served, answered } = await start(2);
    expect((await createClient([served.url]).upload('lib', { name: 'web' })).status).toBe(201);
    let number = 0;
    const compose = async () => {
      const response = await fetch(`${served.url}/api/v1/spaces/lib/charts`, {
        method: 'POST',
        headers: { Prefer: 'wait=30', Connection: 'close' },
        body: JSON.stringify({
          save: { chart: `made-${number++}`, version: '1.0.0' },
          configs: { package: { independent: true, space: 'lib', chart: 'web', version: '1.0.0' } },
        }),
      });
      expect(response.status).toBe(201);
    };
    answered.clear();
    const both = async () => {
      await Promise.all(Array.from({ length: 6 }, compose));
      return answered.size;
    };
    await expect.poll(both, { timeout: 30_000 }).toBe(2);
  });

  it('serve that is killed leaves no process behind', async () => {
    const { served, answered, ask } = await start(2);
    const both = async () => {
      await ask();
      return answered.size;
    };
    await expect.poll(both, { timeout: 30_000 }).toBe(2);
    await served.end('SIGKILL');
    const alive = () => [...answered].filter(isAlive);
    await expect.poll(alive).toEqual([]);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
