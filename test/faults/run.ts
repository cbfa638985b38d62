import { mkdir } from 'node:fs/promises';
import { createRandom } from '../support/random.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { type Check, checkDeliveries, checkJobs, checkVersions } from './check.ts';
import { checkEnds, checkLogs, checkVerify } from './check-processes.ts';
import { createClient } from './client.ts';
import { checkDatabase, selectDeliveries } from './database.ts';
import { makeWaves, recipeSpaces } from './make-waves.ts';
import type { Operation } from './operations.ts';
import type { Options } from './options.ts';
import { readBack } from './read-back.ts';
import { readableOf } from './readable.ts';
import { startReaders } from './readers.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { orderFaults, strikeAll } from './schedule.ts';
import { runUndisturbed } from './undisturbed.ts';
import { waitForQuiet } from './wait-for-quiet.ts';
import { createWindows } from './windows.ts';
import { createSpaces, createWorkload } from './workload.ts';

/** Result of a run. */
export interface Result {
  checks: Check[];
  /** Counts of responses, of writers and of readers. */
  tallies: Record<string, ReadonlyMap<string, number>>;
}

/**
 * Performs a workload undisturbed, then again on a disturbed stack. Parts of the stack are stopped, paused and
 * killed; both runs must have the same result.
 * @param folder folder for logs
 * @param say called with a line for each event
 */
export async function runFaults(
  options: Options,
  folder: string,
  say: (line: string) => void,
): Promise<Result> {
  await mkdir(folder, { recursive: true });
  const random = createRandom(options.seed);
  const order = orderFaults(random.branch('faults'), options.only, options.rounds);
  const waves = await makeWaves(random, options, order.length);
  const truth = await runUndisturbed(waves, recipeSpaces, folder, random.branch('undisturbed'));
  say(`undisturbed: ${truth.size} versions`);
  const { apis, workers } = options;
  const receiver = await startReceiver();
  try {
    const stack = await startStack({ apis, workers, folder, environment: { WEBHOOK_ALLOW: '127.0.0.0/8' } });
    say(`the stack is up: ${apis} api, ${workers} worker, PostgreSQL, Redis, MinIO`);
    try {
      return await disturb({ options, order, waves, truth, receiver, stack, folder, say });
    } finally {
      stack.cluster.kill();
      await stack.dispose();
    }
  } finally {
    receiver.close();
  }
}

interface Scene {
  options: Options;
  order: ReturnType<typeof orderFaults>;
  waves: Operation[][];
  truth: ReadonlyMap<string, string>;
  receiver: Receiver;
  stack: Stack;
  folder: string;
  say(line: string): void;
}

async function disturb(scene: Scene): Promise<Result> {
  const { options, order, waves, truth, receiver, stack, folder, say } = scene;
  const random = createRandom(options.seed).branch('disturbed');
  const windows = createWindows();
  const problems: string[] = [];
  const urls = stack.cluster.apis.map(({ url }) => url);
  const client = createClient(urls, random.branch('client'), problems);
  const { url, secret } = receiver;
  const workload = createWorkload({ client, problems, callback: { url, secret } });
  await createSpaces(client, recipeSpaces);
  const readers = startReaders({
    apis: [
      { name: 'api-1', url: urls[0] ?? '' },
      { name: 'api-2', url: urls[1] ?? urls[0] ?? '' },
    ],
    each: 2,
    readable: readableOf(waves, truth, workload),
    windows,
    random: random.branch('readers'),
  });
  await strikeAll({
    order,
    strike: { stack, random: random.branch('strikes'), windows },
    beginWave(number) {
      // A refused call is repeated after half a minute, so accept the last calls the first time.
      if (number >= order.length / 2) receiver.acceptAll();
      workload.begin(waves[number] ?? []);
    },
    inFlight: workload.inFlight,
    isWorking: workload.isWorking,
    maxGap: options.maxGap,
    onStruck({ name, at, seconds, word, inFlight }) {
      say(
        `${at.toFixed(1).padStart(6)} s  ${name} (${word}), over after ${seconds.toFixed(1)} s; it hit ${inFlight}`,
      );
    },
  });
  const quietAfter = await waitForQuiet(workload, stack.postgres.url, options.timeoutSeconds, say);
  client.stop();
  const read = await readers.stop();
  const back = await readBack(urls);
  const recipes = waves.flat().filter(({ kind }) => kind === 'recipe').length;
  const checks = [
    quietAfter,
    {
      rule: 'good clients get no answer but 2xx, 423 and 503',
      looked: `${workload.published.size} versions`,
      faults: problems,
    },
    ...checkJobs(workload.accepted, recipes),
    ...checkVersions(truth, back.found),
    {
      rule: 'the lists agree with themselves',
      looked: 'pages of every list, by both APIs',
      faults: back.problems,
    },
    checkDeliveries(await selectDeliveries(stack.postgres.url), workload.accepted, receiver),
    {
      rule: 'readers see what some writer wrote, never 423, no 5xx but 503 while a part is away',
      looked: `${read.reads} reads; PostgreSQL was away for ${windows.seconds('postgres').toFixed(1)} s, the object store for ${windows.seconds('object store').toFixed(1)} s`,
      faults: read.problems,
    },
    ...(await checkDatabase(stack.postgres.url)),
    await checkVerify(stack.environment),
    ...(await checkEnds(stack.cluster)),
    await checkLogs(folder),
  ];
  return { checks, tallies: { writers: client.tally, readers: read.tally } };
}
