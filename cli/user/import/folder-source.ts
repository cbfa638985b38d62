import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findArchives, type LocalArchive } from '../archives/find-archives.ts';
import { readChartRef } from '../archives/read-chart-ref.ts';
import { usageError } from '../command-error.ts';
import type { Candidate, LeftOut, Listed } from './candidate.ts';

/**
 * Lists the archives of a folder at any depth: the storage of ChartMuseum, the data of the original registry, the result
 * of `helm pull`. The time of a file is that of its publication, as ChartMuseum has it.
 * @param space absent where each folder inside is a space of its own
 */
export async function listFolder(folder: string, space: string | undefined): Promise<Listed> {
  const spaces = space === undefined ? await findSpaces(folder) : [{ space, path: folder }];
  const listed = await Promise.all(spaces.map(({ space: name, path }) => listSpace(name, path)));
  return {
    candidates: listed.flatMap(({ candidates }) => candidates),
    leftOut: listed.flatMap(({ leftOut }) => leftOut),
  };
}

async function findSpaces(folder: string): Promise<{ space: string; path: string }[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw usageError(`cannot read ${folder}: there is no such folder, or it is not readable`, error);
  });
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  if (folders.length === 0)
    throw usageError(
      `${folder} has no folders, of which each could be a space: name the space of its archives`,
    );
  return folders.map(({ name }) => ({ space: name, path: join(folder, name) }));
}

async function listSpace(space: string, path: string): Promise<Listed> {
  const candidates: Candidate[] = [];
  const leftOut: LeftOut[] = [];
  for (const archive of await findArchives([path])) {
    const candidate = await toCandidate(space, archive);
    if ('reason' in candidate) leftOut.push(candidate);
    else candidates.push(candidate);
  }
  return { candidates, leftOut };
}

async function toCandidate(space: string, archive: LocalArchive): Promise<Candidate | LeftOut> {
  const { file } = archive;
  const [name, { mtime }] = await Promise.all([readChartRef(await readFile(file)), stat(file)]);
  if (!name)
    return { space, from: file, reason: 'it is no chart: it has no Chart.yaml with a name and a version' };
  return {
    space,
    ...name,
    from: file,
    createdAt: mtime.getTime() <= Date.now() ? mtime : undefined,
    read: async () => ({ bytes: await archive.read(), provenance: await archive.readProvenance() }),
  };
}
