import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { parseArgs, promisify } from 'node:util';
import { createClient } from '../test/support/client.ts';
import { cliOutput, serve } from '../test/support/process.ts';
import { startPostgres } from '../test/support/servers/postgres.ts';
import { useBuilt } from './built.ts';
import { attackOneByOne, attackTogether, sumSent } from './hostile/attack.ts';
import { storeCharts } from './hostile/charts.ts';
import { createGoodRequests } from './hostile/good.ts';
import { watchHealth } from './hostile/health.ts';
import { createLedger, describeKinds } from './hostile/ledger.ts';
import { startHostileReceivers } from './hostile/receivers.ts';
import { makeHostileKinds } from './hostile/requests.ts';
import { createUnread } from './hostile/unread.ts';
import { readPeakMemory, readPresentMemory } from './process-stats.ts';
import { describeMachine, makeDataDir } from './support.ts';

// Benchmarks requests that are made to hold up a registry, on `serve` with API and worker in one process, by the longest
// health check meanwhile; each kind three times alone, or all kinds in turn beside good requests for some minutes, with a
// line each minute:
//
// npm run bench:hostile -- [--minutes 60] [--kinds 'unread|schema'] [--port 18140]

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '0' },
    kinds: { type: 'string', default: '' },
    port: { type: 'string', default: '0' },
  },
});
const minutes = Number(values.minutes);
const print = (line: string) => process.stdout.write(`${line}\n`);
/** Time that the registry is given to end, in milliseconds. */
const endTimeoutMs = 60_000;

await useBuilt();
print(describeMachine());
const dataDir = await makeDataDir();
const postgres = await startPostgres();
const receivers = await startHostileReceivers();
const environment = {
  DATABASE_URL: postgres.url,
  DATA_DIR: dataDir,
  LOG_LEVEL: 'error',
  LISTEN: `127.0.0.1:${values.port}`,
  // The receivers are on loopback.
  WEBHOOK_ALLOW: '127.0.0.0/8',
  // Deletes what was replaced and deleted soon, so that hours of uploads do not fill the disk.
  GC_INTERVAL: '60',
  GC_GRACE: '60',
  RESTORE_FOR: '60',
  OCI_EXPIRY: '120',
};
const registry = await serve({ ...environment, LOG_LEVEL: 'info' });
const pid = registry.process.pid ?? 'self';
const ended = new AbortController();
registry.process.once('exit', () => ended.abort());
registry.process.stdout?.resume();
registry.process.stderr?.on('data', (chunk) => process.stderr.write(chunk));
const health = watchHealth(registry.url);
const ledger = createLedger();
const client = createClient([registry.url]);
const good = createGoodRequests(client);
let total = { longestMs: 0, failed: 0 };
let peak = 0;
let verified = 'not run';

async function describeUse(): Promise<string> {
  const [present, most] = await Promise.all([readPresentMemory(pid), readPeakMemory(pid)]);
  peak = Math.max(peak, most);
  const { stdout } = await promisify(execFile)('du', ['--summarize', '--block-size=1M', dataDir]);
  const own = process.memoryUsage().rss / 1024 ** 2;
  return `memory ${present.toFixed(0)} MiB, peak ${peak.toFixed(0)}; disk ${stdout.split('\t')[0]} MiB; this program ${own.toFixed(0)} MiB`;
}

try {
  await storeCharts({ client });
  const target = { url: registry.url, client, unread: createUnread(registry.url), receivers: receivers.urls };
  const kinds = (await makeHostileKinds(target)).filter(({ name }) => new RegExp(values.kinds).test(name));
  print(`${kinds.length} kinds of hostile requests; after the first uploads: ${await describeUse()}`);
  await health.readAndReset();
  const attack = { kinds, ledger, health, print, describeUse };
  total =
    minutes === 0 ? await attackOneByOne(attack) : await attackTogether(attack, good, minutes, ended.signal);
  await describeUse();
  verified = (await cliOutput(['verify'], environment).then(describeVerify)) ?? verified;
} catch (error) {
  print(`THE BENCHMARK FAILED: ${error instanceof Error ? error.stack : error}`);
} finally {
  await health.close();
  receivers.close();
  const code = await endRegistry();
  await postgres.dispose();
  await rm(dataDir, { recursive: true, force: true });
  summarize(code);
  process.exit(code === 0 ? 0 : 1);
}

function describeVerify({ code, stdout, stderr }: Awaited<ReturnType<typeof cliOutput>>): string {
  return code === 0 ? 'clean' : `EXIT CODE ${code}: ${(stdout + stderr).slice(-2_000)}`;
}

async function endRegistry(): Promise<number | string | null> {
  if (ended.signal.aborted) return registry.process.exitCode ?? registry.process.signalCode;
  const killing = setTimeout(() => registry.process.kill('SIGKILL'), endTimeoutMs);
  const code = await registry.end('SIGTERM');
  clearTimeout(killing);
  return code;
}

function summarize(code: number | string | null): void {
  print('\nLongest health check while a kind of request ran, alone or beside others:');
  for (const line of describeKinds(ledger)) print(line);
  if (minutes > 0) {
    print('\nGood requests:');
    for (const [name, { sent, asked, longestMs }] of good.counts)
      print(
        `${name.padEnd(14)} ${sent} sent, ${asked} asked to come later, longest ${longestMs.toFixed(0)} ms`,
      );
    for (const fault of good.faults) print(`FAILED ${fault}`);
    print(`\ngood requests: ${sumSent(good)}, failed: ${good.failed}`);
  }
  print(`longest health check: ${total.longestMs.toFixed(0)} ms, failed: ${total.failed}`);
  print(`peak memory of the registry: ${peak.toFixed(0)} MiB`);
  print(`verify: ${verified}`);
  print(code === 0 ? 'the process ended cleanly' : `THE PROCESS ENDED WITH ${code}`);
}
