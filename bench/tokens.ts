import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { createPool } from '../core/db/pool.ts';
import { packChart } from '../test/support/charts.ts';
import type { createClient } from '../test/support/client.ts';
import { createPrincipals } from '../test/support/guarded.ts';
import { serve } from '../test/support/process.ts';
import { startPostgres } from '../test/support/servers/postgres.ts';
import { useBuilt } from './built.ts';
import { describeMachine, makeDataDir, percentile } from './support.ts';
import { findLoadProgram } from './wrk.ts';

// Benchmarks guarded access: lists, values and downloads of one registry without credentials, with a token, and with
// the token as a password, in turns:
//
// npm run bench:tokens -- [--connections 16] [--seconds 3] [--rounds 3]

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '16' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
  },
});
const options = { connections: Number(values.connections), seconds: Number(values.seconds) };
const print = (line: string) => process.stdout.write(`${line}\n`);

await useBuilt();
const program = await findLoadProgram();
print(`${describeMachine()}; asked by ${program.name}`);
const dataDir = await makeDataDir();
const postgres = await startPostgres();
const registry = await serve({ DATABASE_URL: postgres.url, DATA_DIR: dataDir, ACCESS: 'guarded' });
registry.process.stdout?.resume();
const db = createPool({ url: postgres.url, applicationName: 'bench', onError: () => undefined });
try {
  const principals = createPrincipals(db, [registry.url]);
  const admin = (await principals.addToken(await principals.addUser('root', 'admin'))).client;
  const reader = await principals.addUser('reader');
  const { text } = await principals.addToken(reader);
  await principals.addSpace('bench', 'public');
  await upload(admin);
  const basic = `Basic ${Buffer.from(`reader:${text}`).toString('base64')}`;
  const callers: [string, string | undefined][] = [
    ['anonymous', undefined],
    ['token', `Bearer ${text}`],
    ['token as password', basic],
  ];
  const space = '/api/v1/spaces/bench/charts';
  for (const [name, path] of [
    ['list of charts', `${space}?limit=10`],
    ['values', `${space}/web/versions/1.0.0/manifests/values`],
    ['archive, API', `${space}/web/versions/1.0.0`],
    ['archive, repository', '/bench/charts/web-1.0.0.tgz'],
    ['index', '/bench/index.yaml'],
  ] as const) {
    await measure(name, path, callers);
  }
} finally {
  await db.close();
  await registry.end('SIGTERM');
  await postgres.dispose();
  await rm(dataDir, { recursive: true, force: true });
}

async function upload({ upload: send }: ReturnType<typeof createClient>): Promise<void> {
  const archive = await packChart({
    name: 'web',
    values: { image: { tag: '1' } },
    files: { 'files/large.bin': Buffer.alloc(200_000, 'abc') },
  });
  const { status } = await send('bench', archive);
  if (status !== 201) throw new Error(`the upload was answered ${status}`);
}

/** Measures callers in turns, so that a change of the machine meets all of them, and prints their medians. */
async function measure(
  name: string,
  path: string,
  callers: readonly [string, string | undefined][],
): Promise<void> {
  const rates = callers.map((): number[] => []);
  for (let round = 0; round <= Number(values.rounds); round += 1) {
    for (const [index, [caller, authorization]] of callers.entries()) {
      const { perSecond, failed } = await program.load(registry.url, [path], {
        ...options,
        ...(authorization === undefined ? {} : { authorization }),
        seconds: round === 0 ? 1 : options.seconds,
      });
      if (failed > 0) throw new Error(`${failed} requests of ${path} by ${caller} were refused`);
      if (round > 0) rates[index]?.push(perSecond);
    }
  }
  const medians = rates.map((own) =>
    percentile(
      own.sort((left, right) => left - right),
      0.5,
    ),
  );
  const [first = Number.NaN] = medians;
  const cells = callers.map(
    ([caller], index) =>
      `${caller} ${medians[index]?.toFixed(0)}/s (${((medians[index] ?? 0) / first).toFixed(2)})`,
  );
  print(`${name.padEnd(20)} ${cells.join(', ')}`);
}
