import type { ChildProcess } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { outputOf, runCli, serve } from '../../test/support/process.ts';
import { readPeakMemory } from '../process-stats.ts';
import { makeDataDir } from '../support.ts';
import { countVersions, findWrong } from './find-wrong.ts';
import type { ImportSource } from './source.ts';

/** Milliseconds between two checks of a registry and a command. */
const lookMs = 100;

/** Differences that are printed. */
const maxPrinted = 20;

/**
 * Imports a source into an empty registry with one command. Each import kills the command when half is there, runs it again, and once more when all is there. It prints times, the peak memory of the command, and each difference from the source.
 * @returns whether everything is there as it was
 */
export async function measureImport(source: ImportSource, print: (line: string) => void): Promise<boolean> {
  const { name, args, expected } = source;
  const total = expected.length;
  const spaces = new Set(expected.map(({ space }) => space));
  const dataDir = await makeDataDir();
  const registry = await serve({ DATA_DIR: dataDir, LOG_LEVEL: 'info' });
  registry.process.stdout?.resume();
  const start = () =>
    runCli(['import', ...args], {
      HELM_REGISTRY_URL: registry.url,
      XDG_CONFIG_HOME: join(dataDir, 'config'),
      DOCKER_CONFIG: join(dataDir, 'docker'),
    });
  try {
    print(`${name}:`);
    const startedAt = performance.now();
    const killed = start();
    const end = outputOf(killed);
    while (!hasEnded(killed) && (await countVersions(registry.url, spaces)) < total / 2) await sleep(lookMs);
    if (hasEnded(killed)) throw new Error(`the import ended too early: ${(await end).stderr}`);
    killed.kill('SIGKILL');
    await end;
    print(`  killed after ${seconds(startedAt)}, with ${await countVersions(registry.url, spaces)} there`);
    for (const which of ['run again', 'and once more']) print(`  ${which}: ${await runToEnd(start())}`);
    const wrong = await findWrong(registry.url, expected);
    for (const text of wrong.slice(0, maxPrinted)) print(`  WRONG: ${text}`);
    print(`  ${total} versions compared, ${wrong.length} differences`);
    return wrong.length === 0;
  } finally {
    await registry.end('SIGTERM');
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Waits for the end of an import. @returns its summary, its time and its peak memory */
async function runToEnd(child: ChildProcess): Promise<string> {
  const startedAt = performance.now();
  const end = outputOf(child);
  let peak = 0;
  while (!hasEnded(child)) {
    // The process may have ended since, and then has no memory.
    const now = await readPeakMemory(child.pid ?? 0).catch(() => 0);
    peak = Math.max(peak, Number.isNaN(now) ? 0 : now);
    await sleep(lookMs);
  }
  const { code, stderr } = await end;
  return `${stderr.trim()} (exit code ${code}), ${seconds(startedAt)}, peak ${peak.toFixed(0)} MiB`;
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;
const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(1)} s`;
