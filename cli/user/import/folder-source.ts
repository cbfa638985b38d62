import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { digestOfFile } from '../archives/digest.ts';
import { findArchives, type LocalArchive } from '../archives/find-archives.ts';
import { readChartRef } from '../archives/read-chart-ref.ts';
import { usageError } from '../command-error.ts';
import type { Candidate, LeftOut, SourceListing } from './candidate.ts';
import { findSpaces, isInside, type SpaceFolder } from './find-spaces.ts';
import { createIndexDates, type IndexDates } from './index-dates.ts';

/**
 * Lists the archives of a folder at any depth. A folder may be the storage of ChartMuseum, the data of the original
 * registry, the result of `helm pull`. An archive has the date that an index beside it gives, else the time of its file.
 * @param space absent where each folder inside is a space of its own, and each tenant of ChartMuseum
 * @throws {CommandError} where a folder that gave a space its name has two archives of one version
 */
export async function listFolder(folder: string, space: string | undefined): Promise<SourceListing> {
  const found =
    space === undefined
      ? await findSpaces(folder)
      : { folders: [{ space, path: folder, without: [] }], loose: [] };
  const dates = createIndexDates(folder);
  const listed = await Promise.all(
    found.folders.map((each) => listSpace(each, { isNamed: space !== undefined, dates })),
  );
  if (space === undefined)
    await Promise.all(listed.map(({ candidates }) => assertSameBytesPerVersion(candidates)));
  const unread = dates.listUnread().map((from) => explainUnreadIndex(from, found.folders));
  return {
    candidates: listed.flatMap(({ candidates }) => candidates),
    leftOut: [...listed.flatMap(({ leftOut }) => leftOut), ...found.loose, ...unread],
  };
}

/**
 * Explains an index that cannot be read. An index above the folders of several spaces is reported with the first of
 * them.
 */
function explainUnreadIndex(from: string, folders: readonly SpaceFolder[]): LeftOut {
  const owner = folders.find(({ path }) => isInside(from, [resolve(path)])) ?? folders[0];
  const reason = 'it cannot be read as an index: archives beside it and below have the times of their files';
  return { space: owner?.space ?? '', from, reason };
}

async function listSpace(
  { space, path, without }: SpaceFolder,
  { isNamed, dates }: { isNamed: boolean; dates: IndexDates },
): Promise<SourceListing> {
  const candidates: Candidate[] = [];
  const leftOut: LeftOut[] = [];
  if (!isNamed && !(await hasArchives(path)))
    return { candidates, leftOut: [{ space, from: path, reason: 'the folder has no archives' }] };
  const archives = (await findArchives([path])).filter(({ file }) => !isInside(file, without));
  const unpacked = (await findUnpacked(path)).filter((from) => !isInside(from, without));
  for (const from of unpacked)
    leftOut.push({ space, from, reason: `it is not packed: run \`helm package ${from}\`` });
  for (const archive of archives) {
    // Archives inside are the subcharts of a chart that is not packed.
    if (isInside(archive.file, unpacked)) continue;
    const candidate = await toCandidate(space, archive, dates);
    if ('reason' in candidate) leftOut.push(candidate);
    else candidates.push(candidate);
  }
  return { candidates, leftOut };
}

async function toCandidate(
  space: string,
  archive: LocalArchive,
  dates: IndexDates,
): Promise<Candidate | LeftOut> {
  const { file } = archive;
  const [bytes, { mtime }] = await Promise.all([readFile(file), stat(file)]);
  const name = await readChartRef(bytes);
  if (!name) return explainUnread(space, file, bytes);
  return {
    space,
    ...name,
    from: file,
    createdAt: (await dates.find(file, name, bytes)) ?? (mtime.getTime() <= Date.now() ? mtime : undefined),
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
  for (const folder of folders) if (!isInside(folder, outermost)) outermost.push(folder);
  return outermost;
}

/** Refuses other bytes under a version of one space: its folders may be tenants that have no file to tell. */
async function assertSameBytesPerVersion(candidates: readonly Candidate[]): Promise<void> {
  const files = new Map<string, string>();
  for (const { space, chart, version, from } of candidates) {
    const other = files.get(`${chart} ${version}`);
    if (other === undefined) files.set(`${chart} ${version}`, from);
    else if ((await digestOfFile(other)) !== (await digestOfFile(from)))
      throw usageError(
        `${other} and ${from} are both ${chart} ${version}, and would be in the space ${space}: if their folders are tenants, import each of them with the name of its space`,
      );
  }
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
    ? { space, from: file, reason: 'it is not a chart: it has no Chart.yaml with a name and a version' }
    : { space, from: file, reason: 'it is damaged: it cannot be unpacked to its end', isFault: true };
}
