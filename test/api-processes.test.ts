import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { createClient } from './support/client.ts';
import { createTestDatabase } from './support/postgres.ts';
import { runCli, type Served, whenServing } from './support/process.ts';

const running: Served[] = [];
const left: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const served of running.splice(0)) await served.end('SIGKILL', true);
  for (const clear of left.splice(0)) await clear();
});

/** `serve` with a number of processes, and who of them has answered requests. */
async function start(processes: number) {
  const dataDir = await mkdtemp(join(tmpdir(), 'registry-api-processes-'));
  const database = await createTestDatabase();
  left.push(
    () => database.drop(),
    () => rm(dataDir, { recursive: true, force: true }),
  );
  const child = runCli(['serve'], {
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    LISTEN: '127.0.0.1:0',
    LOG_LEVEL: 'info',
    API_PROCESSES: String(processes),
  });
  const answered = new Set<number>();
  if (child.stdout)
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { pid, msg } = JSON.parse(line);
      if (msg === 'request') answered.add(pid);
    });
  const served = await whenServing(child, 'serve');
  running.push(served);
  /** Asks on so many new connections at once. */
  const ask = async (connections = 20) => {
    const asked = Array.from({ length: connections }, () =>
      fetch(`${served.url}/healthz`, { headers: { Connection: 'close' } }),
    );
    return (await Promise.all(asked)).map(({ status }) => status);
  };
  return { served, answered, ask };
}

describe('serve with several processes', () => {
  it('answers from all of them at one address, and replaces one that ends', async () => {
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
      // One that has a connection of the one that was killed is refused it.
      await ask().catch(() => undefined);
      return answered.size;
    };
    await expect.poll(again, { timeout: 30_000 }).toBe(3);
    expect(answered).not.toContain(helper);
    expect(await ask()).toEqual(Array(20).fill(200));
    expect(await served.end('SIGTERM')).toBe(0);
    await expect(ask(1)).rejects.toThrow();
    running.splice(0);
  });

  it('works on recipes, whoever has accepted them', async () => {
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

  it('leaves none behind when it is killed', async () => {
    const { served, answered, ask } = await start(2);
    const both = async () => {
      await ask();
      return answered.size;
    };
    await expect.poll(both, { timeout: 30_000 }).toBe(2);
    await served.end('SIGKILL');
    running.splice(0);
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
