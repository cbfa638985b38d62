import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { packChart } from '../test/support/charts.ts';
import { serve } from '../test/support/process.ts';
import { hasDistribution, startDistribution } from '../test/support/servers/distribution.ts';
import { useBuilt } from './built.ts';
import { readProcessorTime } from './process-stats.ts';
import { createPushClient } from './push-client.ts';
import { describeMachine, makeDataDir, percentile, spread } from './support.ts';

// Benchmarks pushes of small charts by OCI clients to one `serve`, by the requests of `helm push`, and to distribution where
// it is on the PATH (Linux only):
//
// npm run bench:pushes -- [--pushes 1000] [--clients 8] [--charts 20] [--rounds 3]
//
// Each round begins with an empty registry, and pushes twice: the first charts, and as many later ones. The two registries
// take turns.

const { values } = parseArgs({
  options: {
    pushes: { type: 'string', default: '1000' },
    clients: { type: 'string', default: '8' },
    charts: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '3' },
  },
});
const [pushes, width, charts] = [Number(values.pushes), Number(values.clients), Number(values.charts)];
const series = ['first', 'later'] as const;
const print = (line: string) => process.stdout.write(`${line}\n`);

interface Measured {
  perSecond: number;
  /** Milliseconds of processor time of the registry and its PostgreSQL for a push. */
  busyMs: number;
}

const nameOf = (n: number) => `small-${n % charts}`;
const versionOf = (n: number) => `1.0.${n}`;

/** Packs charts of about 1 KB. */
function packAll(): Promise<Buffer[]> {
  return Promise.all(
    Array.from({ length: pushes * series.length }, (_, n) => {
      const text = Array.from({ length: 40 }, (_, line) => Math.sin(n * 100 + line).toString(36)).join(' ');
      return packChart({
        name: nameOf(n),
        version: versionOf(n),
        manifest: { description: 'a small chart' },
        values: { n, text, replicas: 1, image: { repository: 'example.test/web', tag: '1.2.3' } },
        files: {
          'templates/map.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  text: {{ .Values.text }}\n  note: ${text}\n`,
          'README.md': `# ${nameOf(n)}\n${text}\n`,
        },
      });
    }),
  );
}

async function readBusySeconds(): Promise<number> {
  return (await readProcessorTime(() => 'registry')).get('registry') ?? 0;
}

async function measure(url: string, archives: readonly Buffer[], start: number): Promise<Measured> {
  const clients = Array.from({ length: width }, () => createPushClient(url));
  const idle = [...clients];
  const busyBefore = await readBusySeconds();
  const startedAt = performance.now();
  await spread(pushes, width, async (index) => {
    const client = idle.pop();
    const n = start + index;
    await client?.push(`bench/${nameOf(n)}`, nameOf(n), versionOf(n), archives[n] ?? Buffer.alloc(0));
    if (client) idle.push(client);
  });
  const seconds = (performance.now() - startedAt) / 1000;
  for (const client of clients) client.close();
  const busy = (await readBusySeconds()) - busyBefore;
  return { perSecond: pushes / seconds, busyMs: (busy * 1000) / pushes };
}

/** Registry to measure; each start is empty. */
interface Measurable {
  name: string;
  start(): Promise<{ url: string; end(): Promise<void> }>;
}

const own: Measurable = {
  name: 'this registry',
  async start() {
    const dataDir = await makeDataDir();
    const served = await serve({ DATA_DIR: dataDir, LOG_LEVEL: 'info' });
    return {
      url: served.url,
      async end() {
        await served.end('SIGTERM');
        await rm(dataDir, { recursive: true, force: true });
      },
    };
  },
};

const peer: Measurable = {
  name: 'distribution',
  async start() {
    const { url, dispose } = await startDistribution();
    return { url, end: dispose };
  },
};

async function runRound({ start }: Measurable, archives: readonly Buffer[]): Promise<Measured[]> {
  const { url, end } = await start();
  const results: Measured[] = [];
  for (const position of series.keys()) results.push(await measure(url, archives, position * pushes));
  await end();
  return results;
}

await useBuilt();
const archives = await packAll();
const bytes = archives.reduce((sum, { length }) => sum + length, 0) / archives.length;
print(describeMachine());
print(`${pushes} pushes twice, charts of ${bytes.toFixed(0)} bytes, ${width} clients`);
const measurables = hasDistribution() ? [own, peer] : [own];
if (measurables.length === 1) print('left out: pushes to distribution: no `distribution` on the PATH');
const rounds = new Map(measurables.map((measurable): [Measurable, Measured[][]] => [measurable, []]));
for (let round = 0; round <= Number(values.rounds); round += 1)
  for (const [measurable, results] of rounds) {
    const result = await runRound(measurable, archives);
    // Warm-up: the disk's and the system's own caches.
    if (round > 0) results.push(result);
  }
const median = (numbers: number[]) =>
  percentile(
    numbers.sort((left, right) => left - right),
    0.5,
  );
for (const [{ name }, results] of rounds)
  for (const [position, part] of series.entries()) {
    const of = (pick: (measured: Measured) => number) =>
      median(results.flatMap((round) => round[position] ?? []).map(pick));
    const perSecond = of((measured) => measured.perSecond);
    const busyMs = of((measured) => measured.busyMs);
    print(
      `${name}, ${part} ${pushes}: ${perSecond.toFixed(0)} pushes/s, ${busyMs.toFixed(1)} ms of processor time a push`,
    );
  }
