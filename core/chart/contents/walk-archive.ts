import { Readable } from 'node:stream';
import { type ArchiveBudget, type ChartLimits, createArchiveBudget } from '../../archive/limits.ts';
import { readArchive, type UnpackedArchive } from '../../archive/read-archive.ts';
import { RegistryError } from '../../errors.ts';
import { createYamlBudget, type YamlBudget } from '../../yaml/yaml-source.ts';
import type { ChartFiles } from '../chart.ts';
import { readManifest } from '../manifest.ts';
import { maxChartDepth } from '../read-chart.ts';
import { splitSubcharts } from '../split-subcharts.ts';
import type { FileKind } from './contents.ts';
import { fileKindOf } from './file-kinds.ts';
import { isPacked, nameSubchartFolders } from './subchart-folders.ts';

/** File that a walk has come to. */
export interface WalkedFile {
  /** Folder of the chart that it belongs to: empty for the root, `charts/NAME/` below. */
  folder: string;
  /** Path below that folder. */
  name: string;
  kind: FileKind;
  content: Buffer;
}

interface Walk {
  archive: ArchiveBudget;
  yaml: YamlBudget;
  files: WalkedFile[];
  subcharts: number;
}

/**
 * Unpacks an archive with every chart inside, in the order of the archive.
 * A packed subchart is there twice: as the archive that it is, and unpacked under its name.
 * @returns `subcharts`: the number of charts inside
 * @throws {RegistryError} `archive.*`, `chart.invalid`
 */
export async function walkArchive(
  archive: Readable | UnpackedArchive,
  limits: ChartLimits,
): Promise<Pick<Walk, 'files' | 'subcharts'>> {
  const walk: Walk = {
    archive: createArchiveBudget(limits),
    yaml: createYamlBudget(),
    files: [],
    subcharts: 0,
  };
  await walkChart(await readArchive(archive, walk.archive), '', 0, walk);
  return walk;
}

async function walkChart(all: ChartFiles, folder: string, depth: number, walk: Walk): Promise<void> {
  if (depth > maxChartDepth)
    throw new RegistryError('chart.invalid', `Charts are nested more than ${maxChartDepth} levels deep.`);
  const { ownFiles, entries } = splitSubcharts(all);
  for (const [name, content] of ownFiles) walk.files.push({ folder, name, kind: fileKindOf(name), content });
  const inside: { entry: string; name: string; files: ChartFiles }[] = [];
  for (const [entry, files] of entries) {
    const packed = isPacked(entry) ? files.get('') : undefined;
    if (!packed) {
      inside.push({ entry, name: entry, files });
      continue;
    }
    walk.files.push({ folder, name: `charts/${entry}`, kind: 'subchart', content: packed });
    const unpacked = await readArchive(Readable.from([packed]), walk.archive);
    const { name } = readManifest(splitSubcharts(unpacked).ownFiles, `${folder}charts/${entry}/`, walk.yaml);
    inside.push({ entry, name, files: unpacked });
  }
  const folders = nameSubchartFolders(ownFiles.keys(), inside);
  walk.subcharts += inside.length;
  for (const { entry, files } of inside)
    await walkChart(files, `${folder}charts/${folders.get(entry)}/`, depth + 1, walk);
}
