import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { createClient } from '../test/support/client.ts';

// Shared by the benchmarks: charts for a registry, and arithmetic.

/** Makes an empty data folder. */
export function makeDataDir(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'registry-bench-'));
}

/** Reads every packaged chart of a folder, in order of their names. */
export async function readArchives(folder: string): Promise<Buffer[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.tgz')).sort();
  return Promise.all(files.map((file) => readFile(join(folder, file))));
}

/** Uploads archives one after the other. @returns `[chart, version]` of each */
export async function uploadAll(
  url: string,
  space: string,
  archives: readonly Buffer[],
): Promise<[string, string][]> {
  const client = createClient([url]);
  const uploaded: [string, string][] = [];
  for (const [index, archive] of archives.entries()) {
    const response = await client.upload(space, archive);
    if (response.status !== 201)
      throw new Error(`archive ${index}: ${response.status} ${await response.text()}`);
    const link = Object(await response.json());
    uploaded.push([String(link.chart), String(link.version)]);
  }
  return uploaded;
}

/** Runs `task` for 0 .. total-1, `width` at a time. */
export async function spread(
  total: number,
  width: number,
  task: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let index = next++; index < total; index = next++) await task(index);
    }),
  );
}

/** Picks the value below which a share of sorted values lies. */
export function percentile(sorted: number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Describes processors, memory and Node's version in a line. */
export function describeMachine(): string {
  const [cpu] = cpus();
  return `${cpus().length} x ${cpu?.model ?? 'cpu'}, ${Math.round(totalmem() / 1024 ** 3)} GiB, Node ${process.version}`;
}
