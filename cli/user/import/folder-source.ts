import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { findArchives, type LocalArchive } from '../archives/find-archives.ts';
import { readChartRef } from '../archives/read-chart-ref.ts';
import { usageError } from '../command-error.ts';
import type { Candidate, LeftOut, Listed } from './candidate.ts';

/**
 * Lists the archives of a folder at any depth. A folder may be the storage of ChartMuseum, the data of the original
 * registry, the result of `helm pull`. The time of a file is that of its publication, as ChartMuseum has it.
 * @param space absent where each folder inside is a space of its own
 */
export async function listFolder(folder: string, space: string | undefined): Promise<Listed> {
  const found =
    space === undefined ? await findSpaces(folder) : { folders: [{ space, path: folder }], loose: [] };
  const listed = await Promise.all(
    found.folders.map(({ space: name, path }) => listSpace(name, path, { mayBeEmpty: space === undefined })),
  );
  return {
    candidates: listed.flatMap(({ candidates }) => candidates),
    leftOut: [...listed.flatMap(({ leftOut }) => leftOut), ...found.loose],
  };
}

/** Finds the folders in a folder, and the archives beside them, which belong to none. */
async function findSpaces(
  folder: string,
): Promise<{ folders: { space: string; path: string }[]; loose: LeftOut[] }> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw usageError(`cannot read ${folder}: there is no such folder, or it is not readable`, error);
  });
  const shown = names.filter((name) => !name.startsWith('.'));
  const entries = await Promise.all(
    shown.map(async (name) => ({ name, info: await stat(join(folder, name)) })),
  );
  const folders = entries.filter(({ info }) => info.isDirectory());
  if (folders.length === 0)
    throw usageError(
      `${folder} has no folders, of which each could be a space: name the space of its archives`,
    );
  const loose = entries.filter(({ name, info }) => info.isFile() && name.endsWith('.tgz'));
  return {
    folders: folders.map(({ name }) => ({ space: name, path: join(folder, name) })),
    loose: loose.map(({ name }) => ({
      space: '',
      from: join(folder, name),
      reason: 'it is in no folder, and so in no space',
    })),
  };
}

async function listSpace(
  space: string,
  path: string,
  { mayBeEmpty }: { mayBeEmpty: boolean },
): Promise<Listed> {
  const candidates: Candidate[] = [];
  const leftOut: LeftOut[] = [];
  if (mayBeEmpty && !(await hasArchives(path)))
    return { candidates, leftOut: [{ space, from: path, reason: 'the folder has no archives' }] };
  const archives = await findArchives([path]);
  const unpacked = await findUnpacked(path);
  for (const from of unpacked)
    leftOut.push({ space, from, reason: `it is not packed: run \`helm package ${from}\`` });
  for (const archive of archives) {
    // Archives inside are the subcharts of a chart that is not packed.
    if (unpacked.some((from) => archive.file.startsWith(`${from}${sep}`))) continue;
    const candidate = await toCandidate(space, archive);
    if ('reason' in candidate) leftOut.push(candidate);
    else candidates.push(candidate);
  }
  return { candidates, leftOut };
}

async function toCandidate(space: string, archive: LocalArchive): Promise<Candidate | LeftOut> {
  const { file } = archive;
  const [bytes, { mtime }] = await Promise.all([readFile(file), stat(file)]);
  const name = await readChartRef(bytes);
  if (!name) return explainUnread(space, file, bytes);
  return {
    space,
    ...name,
    from: file,
    createdAt: mtime.getTime() <= Date.now() ? mtime : undefined,
    read: async () => ({ bytes: await archive.read(), provenance: await archive.readProvenance() }),
  };
}

/** Finds the charts below a folder that are not packed, without those inside others. */
async function findUnpacked(path: string): Promise<string[]> {
  const isFolder = (await stat(path)).isDirectory();
  const files = isFolder ? await readdir(path, { recursive: true }) : [];
  const folders = files
    .filter((file) => basename(file) === 'Chart.yaml')
    .map((file) => join(path, dirname(file)))
    .sort();
  const outermost: string[] = [];
  for (const folder of folders)
    if (!outermost.some((outer) => folder.startsWith(`${outer}${sep}`))) outermost.push(folder);
  return outermost;
}

async function hasArchives(path: string): Promise<boolean> {
  return (await readdir(path, { recursive: true })).some((name) => name.endsWith('.tgz'));
}

/** Explains an archive without a readable Chart.yaml: one that is damaged is a failure, and not left out. */
async function explainUnread(space: string, file: string, bytes: Buffer): Promise<LeftOut> {
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const isWhole =
    !isPacked ||
    (await promisify(gunzip)(bytes).then(
      () => true,
      () => false,
    ));
  return isWhole
    ? { space, from: file, reason: 'it is no chart: it has no Chart.yaml with a name and a version' }
    : { space, from: file, reason: 'it is damaged: it cannot be unpacked to its end', isFault: true };
}
