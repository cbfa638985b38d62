import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { createClient } from './support/client.ts';
import { dumpDatabase } from './support/dump.ts';
import { createTestDatabase } from './support/postgres.ts';
import { cliOutput, outputOf, runCli, type Served, serve, whenServing } from './support/process.ts';
import { startReceiver } from './support/receiver.ts';
import { mayLeaveOutRelease, released, runReleased, unpackRelease } from './support/released.ts';

const slowMs = 300_000;
const calledVersion = z.object({ version: z.string() });
let folder: string | undefined;
afterAll(async () => {
  if (folder) await rm(folder, { recursive: true, force: true });
});

it.skipIf(mayLeaveOutRelease())(
  `programs of the last release (migration ${released.migration}) go on while and after the database is migrated, and are replaced one by one (needs the history of git)`,
  { timeout: slowMs },
  async () => {
    const database = await createTestDatabase('template0');
    onTestFinished(() => database.drop());
    const dataDir = await mkdtemp(join(tmpdir(), 'helm-registry-upgrade-'));
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
    const environment = {
      DATABASE_URL: database.url,
      DATA_DIR: dataDir,
      LISTEN: '127.0.0.1:0',
      API_SOURCES: '0',
      WEBHOOK_ALLOW: '127.0.0.0/8',
    };
    const receiver = await startReceiver();
    folder = await unpackRelease();
    const root = folder;
    const startOld = async (command: string) => {
      const served = await whenServing(runReleased(root, [command], environment), command);
      onTestFinished(() => stop(served));
      return served;
    };
    const startNew = async (command: string) => {
      const served = await serve(environment, command);
      onTestFinished(() => stop(served));
      return served;
    };
    expect(await outputOf(runReleased(root, ['migrate'], environment))).toMatchObject({ code: 0 });
    const oldApi = await startOld('api');
    const oldWorker = await startOld('worker');

    const load = startLoad(oldApi.url, receiver.url.replace('hidden', 'known-to-few'));
    await load.rounds(3);
    const migrated = await cliOutput(['migrate'], environment);
    expect(migrated).toMatchObject({ code: 0 });
    await load.rounds(3);
    // Each program of one release with each of the other.
    const api = await startNew('api');
    await load.switchTo(api.url);
    await load.switchTo(oldApi.url);
    const worker = await startNew('worker');
    await load.rounds(1);
    expect(await oldWorker.end('SIGTERM')).toBe(0);
    await load.rounds(3);
    await load.switchTo(api.url);
    expect(await oldApi.end('SIGTERM')).toBe(0);
    await load.rounds(3);
    await load.stop();

    const kept = await createClient([api.url]).request('/load/index.yaml');
    const names = [...(await kept.text()).matchAll(/(?:web|made)-\d+\.0\.0\.tgz/g)].map(([name]) => name);
    expect(names.sort()).toEqual(load.kept().sort());
    // Each job calls its callback, whichever programs accepted it, ended it and made the call.
    const made = names.filter((name) => name.startsWith('made-'));
    const called = () => new Set(receiver.calls.map(({ event }) => calledVersion.parse(event.data).version));
    await expect
      .poll(() => [...called()].sort(), { timeout: 60_000 })
      .toEqual(made.map((name) => name.slice('made-'.length, -'.tgz'.length)).sort());
    // Old programs read addresses in clear alone, so those are sealed once there are new workers only.
    const newest = 'SELECT url FROM deliveries ORDER BY number DESC LIMIT 1';
    const [delivery] = await database.db.query<{ url: string }>(newest);
    expect(delivery?.url).toMatch(/^http:\/\/sealed\.v1\./);
    expect(await dumpDatabase(database.db)).toContain('known-to-few');
    expect(await cliOutput(['migrate'], environment)).toMatchObject({ code: 0 });
    expect(await dumpDatabase(database.db)).not.toContain('known-to-few');
    for (const served of [api, worker]) expect(await served.end('SIGTERM')).toBe(0);
    const verified = await outputOf(runCli(['verify'], environment));
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing is wrong') });
  },
);

async function stop({ process: child, end }: Served): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await end('SIGKILL');
}

/**
 * Starts uploading, composing with a callback, downloading and deleting, round after round, in space `load`. Answers by which a client
 * tries again are followed; every other one than success ends the load.
 */
function startLoad(url: string, callback: string) {
  let client = createClient([url]);
  let done = 0;
  let stopping = false;
  const kept: string[] = [];

  async function succeed(send: () => Promise<Response>): Promise<Response> {
    for (;;) {
      const response = await send();
      if (response.ok) return response;
      const isPassing =
        response.status === 423 || (response.status === 503 && response.headers.has('retry-after'));
      if (!isPassing) throw new Error(`${response.status} ${response.url}: ${await response.text()}`);
      await response.arrayBuffer();
    }
  }

  async function runRound(number: number): Promise<void> {
    const version = `${number}.0.0`;
    await succeed(() => client.upload('load', { name: 'web', version, values: { number } }));
    await succeed(() => client.upload('load', { name: 'brief', version }));
    const recipe = {
      save: { chart: 'made', version },
      configs: { package: { independent: true, space: 'load', chart: 'web', version } },
      callback: { url: callback },
    };
    const composed = await succeed(() => client.orchestrate('load', recipe));
    // 202 where the wait for the job was cut off by the end of its API: its client would look again.
    expect(composed.status).toBe(201);
    for (const chart of ['web', 'made']) {
      const response = await succeed(() => client.request(`/load/charts/${chart}-${version}.tgz`));
      expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(100);
      kept.push(`${chart}-${version}.tgz`);
    }
    await succeed(() => client.api(`/spaces/load/charts/brief/versions/${version}`, { method: 'DELETE' }));
  }

  const running = (async () => {
    for (let number = 1; !stopping; number += 1) {
      await runRound(number);
      done = number;
    }
  })();
  running.catch(() => undefined);
  const ended = running.then(() => expect.fail('the load has ended'));
  ended.catch(() => undefined);
  /** Waits for further whole rounds. @throws what has ended the load */
  const rounds = async (count: number) => {
    const until = done + count;
    await Promise.race([ended, expect.poll(() => done, { timeout: 120_000 }).toBeGreaterThanOrEqual(until)]);
  };
  return {
    rounds,
    async switchTo(other: string) {
      client = createClient([other]);
      // Two rounds: all that was sent to the API before is answered then.
      await rounds(2);
    },
    async stop() {
      stopping = true;
      await running;
    },
    kept: () => [...kept],
  };
}
