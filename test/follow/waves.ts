import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from '../../core/db/port.ts';
import { packChart } from '../support/charts.ts';
import { createClient } from '../support/client.ts';
import type { Cluster } from '../support/cluster.ts';
import type { Random } from '../support/random.ts';
import { findDependents, type GraphChart } from './graph.ts';

/** Registry of several processes in which a graph of charts follows its leaves. */
export interface WaveSetup {
  cluster: Cluster;
  db: Database;
  graph: readonly GraphChart[];
  random: Random;
  /** `wait` of every follow. */
  wait: string;
  /** Milliseconds between the deaths of workers. */
  killEveryMs: number;
  /** Timeout of a wave in milliseconds. */
  timeoutMs: number;
}

/** Result of a wave. */
export interface WaveResult {
  /** Charts that had to be composed anew. */
  dependents: number;
  seconds: number;
  /** Workers that were killed meanwhile. */
  killed: number;
  faults: string[];
}

const followed = 'graph';
const byHand = 'hand';

/** Publishes the leaves and composes every other chart, which follows from then on. */
export async function buildGraph({ cluster, graph, wait }: WaveSetup): Promise<void> {
  const client = createClient(cluster.apis.map(({ url }) => url));
  await expectStatus(client.api(`/spaces?space=${byHand}`, { method: 'POST' }), 201);
  for (const chart of graph) {
    if (chart.level === 0)
      await expectStatus(client.upload(followed, await packLeaf(chart.name, '1.0.0')), 201);
    else await expectStatus(client.orchestrate(followed, recipeOf(chart, followed, '1.0.0', { wait })), 201);
  }
}

/**
 * Publishes a version of some leaves at once. Workers are killed until nothing follows any more. Then checks that
 * every chart above them has one version more, made of the newest of its sources, and no other has.
 * @param version the version of leaves and charts that the wave makes
 */
export async function runWave(
  setup: WaveSetup,
  leaves: readonly string[],
  version: string,
): Promise<WaveResult> {
  const { cluster, db, graph } = setup;
  const client = createClient(cluster.apis.map(({ url }) => url));
  await untilQuiet(db, setup.timeoutMs);
  const before = await readVersions(db, followed);
  const dependents = findDependents(graph, leaves);
  const startedAt = performance.now();
  const archives = await Promise.all(leaves.map((leaf) => packLeaf(leaf, version)));
  await Promise.all(archives.map((archive) => expectStatus(client.upload(followed, archive), 201)));
  const killing = killWorkers(setup);
  await untilQuiet(db, setup.timeoutMs).finally(killing.stop);
  const seconds = (performance.now() - startedAt) / 1_000;
  const after = await readVersions(db, followed);
  const faults = graph.flatMap(({ name }) => {
    const added = (after.get(name) ?? []).slice((before.get(name) ?? []).length);
    const isOwed = dependents.has(name) || leaves.includes(name);
    if (added.length === (isOwed ? 1 : 0)) return [];
    return [`${name} has ${added.length} new versions: ${added.join(', ')}`];
  });
  return {
    dependents: dependents.size,
    seconds,
    killed: killing.count(),
    faults: [...faults, ...(await findOutdated(db, dependents)), ...(await findFailures(db))],
  };
}

/** Composes every chart's newest version in another space, and compares the archives. @returns differences */
export async function compareByHand({ cluster, db, graph }: WaveSetup): Promise<string[]> {
  const client = createClient(cluster.apis.map(({ url }) => url));
  const versions = await readVersions(db, followed);
  for (const chart of graph) {
    const version = versions.get(chart.name)?.at(-1) ?? '';
    if (chart.level === 0)
      await expectStatus(client.upload(byHand, await packLeaf(chart.name, version)), 201);
    else await expectStatus(client.orchestrate(byHand, recipeOf(chart, byHand, version)), 201);
  }
  const rows = await db.query<{ chart: string; digests: string[] }>(
    `SELECT c.name AS chart, array_agg(DISTINCT v.digest) AS digests
       FROM charts c JOIN spaces s ON s.id = c.space_id
            JOIN LATERAL (SELECT digest FROM versions WHERE chart_id = c.id ORDER BY sort_key DESC LIMIT 1) v ON true
      WHERE s.name IN ($1, $2) GROUP BY c.name`,
    [followed, byHand],
  );
  return rows
    .filter(({ digests }) => digests.length !== 1)
    .map(({ chart }) => `${chart} is not what is composed by hand`);
}

function packLeaf(name: string, version: string): Promise<Buffer> {
  return packChart({
    name,
    version,
    values: { replicas: 1, image: { tag: version } },
    files: { 'templates/pod.yaml': `kind: ConfigMap\nmetadata:\n  name: ${name}\n` },
  });
}

function recipeOf({ name, sources }: GraphChart, space: string, version: string, follow?: object) {
  const packages = sources.map((chart) => ({ independent: true, space, chart, version: '^1' }));
  const [root, ...children] = packages;
  return {
    save: { chart: name, version, ...(follow ? { follow } : {}) },
    configs: {
      package: root,
      ...Object.fromEntries(children.map((child, index) => [`part-${index}`, { package: child }])),
    },
  };
}

/** Kills workers at random, one after the other; each has been ready before, so that the work goes on. */
function killWorkers({ cluster, random, killEveryMs }: WaveSetup) {
  let killed = 0;
  const stopping = new AbortController();
  const { signal } = stopping;
  const kill = async () => {
    for (;;) {
      const worker = random.pick(cluster.workers);
      await Promise.all([worker.ready(), pause(killEveryMs, undefined, { signal })]);
      if (signal.aborted) return;
      worker.signal('SIGKILL');
      killed += 1;
    }
  };
  void kill().catch(() => undefined);
  return { stop: () => stopping.abort(), count: () => killed };
}

/** Waits until every change was acted on, nothing is due and nothing runs. */
async function untilQuiet(db: Database, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const [row] = await db.query<{ open: number }>(
      `SELECT ((SELECT count(*) FROM version_events) + (SELECT count(*) FROM follows WHERE due_at IS NOT NULL)
             + (SELECT count(*) FROM follow_runs WHERE state = 'running'))::int AS open`,
    );
    if (row?.open === 0) return;
    if (performance.now() > deadline)
      throw new Error(`${row?.open} changes or follows are open after ${timeoutMs} ms`);
    await pause(500);
  }
}

/** Reads the versions of every chart of a space, in order. */
async function readVersions(db: Database, space: string): Promise<Map<string, string[]>> {
  const rows = await db.query<{ chart: string; versions: string[] }>(
    `SELECT c.name AS chart, array_agg(v.version::text ORDER BY v.sort_key) AS versions
       FROM versions v JOIN charts c ON c.id = v.chart_id JOIN spaces s ON s.id = c.space_id
      WHERE s.name = $1 GROUP BY c.name`,
    [space],
  );
  return new Map(rows.map(({ chart, versions }) => [chart, versions]));
}

/** Finds charts whose newest version was made of another version of a source than the newest: composed out of order. */
async function findOutdated(db: Database, charts: ReadonlySet<string>): Promise<string[]> {
  const newest = `(SELECT v.version FROM versions v JOIN charts c ON c.id = v.chart_id JOIN spaces s ON s.id = c.space_id
                    WHERE s.name = src.space AND c.name = src.chart ORDER BY v.sort_key DESC LIMIT 1)`;
  const rows = await db.query<{ chart: string; source: string; had: string; newest: string }>(
    `SELECT c.name AS chart, src.chart AS source, src.version AS had, ${newest} AS newest
       FROM charts c JOIN spaces s ON s.id = c.space_id AND s.name = $2
            JOIN LATERAL (SELECT id FROM versions WHERE chart_id = c.id ORDER BY sort_key DESC LIMIT 1) v ON true
            JOIN lineage_sources src ON src.version_id = v.id
      WHERE c.name = ANY($1::text[]) AND src.version <> ${newest}`,
    [[...charts], followed],
  );
  return rows.map(
    ({ chart, source, had, newest: now }) => `${chart} was made of ${source} ${had}, not ${now}`,
  );
}

async function findFailures(db: Database): Promise<string[]> {
  const rows = await db.query<{ fault: string }>(
    `SELECT version || ': ' || state || ' ' || coalesce(error ->> 'message', '') AS fault FROM follow_runs
      WHERE state <> 'composed'
      UNION ALL SELECT space || '/' || chart || '/' || version || ' has a job that is ' || state FROM jobs
      WHERE state <> 'succeeded'`,
  );
  return rows.map(({ fault }) => fault);
}

async function expectStatus(sent: Promise<Response>, status: number): Promise<void> {
  const response = await sent;
  if (response.status !== status)
    throw new Error(`${response.url}: ${response.status} ${await response.text()}`);
  await response.body?.cancel();
}
