import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SourceFolder } from './own-charts.ts';

const shared = fileURLToPath(new URL('../../../../shared/charts/', import.meta.url));

/** Whether the folder of public charts, `../shared/charts`, exists. */
export const hasPublicCharts = existsSync(shared);

/** Lists the archives of the folder of public charts; the archives have no dependencies inside. */
export function publicArchives(): { name: string; version: string; path: string }[] {
  if (!hasPublicCharts) return [];
  return readdirSync(shared).flatMap((file) => {
    const found = /^(.+)-(\d+\.\d+\.\d+)\.tgz$/.exec(file);
    return found?.[1] && found[2] ? [{ name: found[1], version: found[2], path: join(shared, file) }] : [];
  });
}

/** Unpacks the public charts with tar, into a new folder. */
export async function unpackPublicCharts(): Promise<{ folder: string; sources: Map<string, SourceFolder> }> {
  const folder = await mkdtemp(join(tmpdir(), 'helm-registry-public-'));
  const sources = new Map<string, SourceFolder>();
  for (const { name, version, path } of publicArchives()) {
    await mkdir(join(folder, name));
    execFileSync('tar', ['-xzf', path, '-C', folder]);
    sources.set(name, { folder: join(folder, name), version });
  }
  return { folder, sources };
}

/** Reads all public archives. */
export function readPublicArchives(): Promise<Buffer[]> {
  return Promise.all(publicArchives().map(({ path }) => readFile(path)));
}
