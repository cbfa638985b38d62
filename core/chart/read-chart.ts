import { Readable } from 'node:stream';
import { compareBytes } from '../archive/chart-order.ts';
import { missingManifest } from '../archive/entry-path.ts';
import {
  type ArchiveBudget,
  type ChartLimits,
  createArchiveBudget,
  maxMetadataBytes,
} from '../archive/limits.ts';
import { readArchive, type UnpackedArchive } from '../archive/read-archive.ts';
import { RegistryError } from '../errors.ts';
import { type JsonObject, setKey } from '../yaml/json.ts';
import { decodeYaml } from '../yaml/parse/decode.ts';
import { parseValues } from '../yaml/yaml.ts';
import type { YamlBudget } from '../yaml/yaml-source.ts';
import { createYamlBudget, type YamlSource } from '../yaml/yaml-source.ts';
import { readPackedFiles } from './archive-charge.ts';
import type { Chart, ChartFiles } from './chart.ts';
import { computeValues } from './compute-values.ts';
import { readManifest } from './manifest.ts';
import { keepHelmFields } from './manifest-types.ts';
import { sanitizeForJsonb } from './sanitize-for-jsonb.ts';
import { checkTwinSubcharts } from './twin-subcharts.ts';

/** What the registry stores of a chart beside its archive; fit for PostgreSQL's jsonb. */
export interface ChartSummary {
  name: string;
  version: string;
  /** Chart.yaml, and under `dependencies` the same of every subchart inside, in order of name; absent where there is none. */
  metadata: JsonObject;
  /** Chart.yaml as Helm's own type of it: the fields it knows and no others, `dependencies` as they are declared. */
  helmMetadata: JsonObject;
  /** Values that templates get when a user sets nothing, see `computeValues`; absent where they were not asked for. */
  values?: JsonObject;
}

/** Subcharts inside one another. */
export const maxChartDepth = 32;

interface Context {
  archive: ArchiveBudget;
  yaml: YamlBudget;
  keep: (path: string) => boolean;
}

/**
 * All files of an archive by their paths; archives in `charts/` stay packed.
 * @param keep whether a path's content is wanted; other files are in the result with no bytes
 * @throws RegistryError `archive.*`
 */
export async function readFiles(
  source: Readable,
  limits: ChartLimits,
  keep?: (path: string) => boolean,
): Promise<ChartFiles> {
  return readArchive(source, createArchiveBudget(limits), keep);
}

/** A chart with all files and subcharts. @throws RegistryError `archive.*`, `chart.invalid`, `values.invalid` */
export async function readChart(source: Readable, limits: ChartLimits): Promise<Chart> {
  return readTree(source, limits, () => true);
}

/**
 * Reads the chart that the archive of some files holds, see {@link readPackedFiles}.
 * @param folder that the archive has them in
 * @throws RegistryError `archive.*`, `chart.invalid`, `chart.tooLarge`, `values.invalid`
 */
export async function readChartFiles(folder: string, files: ChartFiles, limits: ChartLimits): Promise<Chart> {
  const context: Context = {
    archive: createArchiveBudget(limits),
    yaml: createYamlBudget(),
    keep: () => true,
  };
  return assembleChart(readPackedFiles(folder, files, context.archive), '', 0, context);
}

/**
 * What the registry has to know of an archive, without keeping the templates and other files of it in memory. A stream
 * is read to its end, or destroyed on failure.
 *
 * @throws RegistryError `archive.*`, `chart.invalid`, `chart.tooLarge`, `values.invalid`
 */
export async function inspectChart(
  source: Readable | Buffer | UnpackedArchive,
  limits: ChartLimits,
): Promise<ChartSummary> {
  const telling =
    /^(?:charts\/[^/]+\/)*(?:Chart\.yaml|values\.yaml|values\.schema\.json|requirements\.yaml|(?:Chart|requirements)\.lock|charts\/[^/]+\.tgz)$/;
  const chart = await readTree(source, limits, (path) => telling.test(path));
  checkTwinSubcharts(chart);
  return summarizeChart(chart);
}

/** Summarizes a chart as {@link inspectChart} does its archive. @throws RegistryError `chart.tooLarge` */
export function summarizeChart(chart: Chart, wanted: { values?: boolean } = {}): ChartSummary {
  const metadata = sanitizeForJsonb(describeChart(chart));
  checkMetadataSize(metadata);
  return {
    name: chart.name,
    version: chart.version,
    metadata,
    helmMetadata: sanitizeForJsonb(keepHelmFields(chart.manifest, chart.dependencies)),
    ...(wanted.values === false ? {} : { values: sanitizeForJsonb(computeValues(chart).values) }),
  };
}

/**
 * Bounds what lists and the index hold of a chart: Chart.yaml, and that of every subchart inside.
 * @throws RegistryError `chart.tooLarge`
 */
export function checkMetadataSize(metadata: JsonObject): void {
  const size = Buffer.byteLength(JSON.stringify(metadata));
  if (size > maxMetadataBytes) throw metadataTooLarge('The metadata of the chart with its subcharts', size);
}

function metadataTooLarge(what: string, size: number): RegistryError {
  const message = `${what} has ${size} bytes; ${maxMetadataBytes} are allowed. Move long texts to README.md.`;
  return new RegistryError('chart.tooLarge', message);
}

/** Chart.yaml with the tree of the subcharts that are inside. */
export function describeChart(chart: Chart): JsonObject {
  const metadata = { ...chart.manifest };
  if (chart.subcharts.length > 0) setKey(metadata, 'dependencies', chart.subcharts.map(describeChart));
  return metadata;
}

async function readTree(
  source: Readable | Buffer | UnpackedArchive,
  limits: ChartLimits,
  keep: (path: string) => boolean,
): Promise<Chart> {
  const context: Context = { archive: createArchiveBudget(limits), yaml: createYamlBudget(), keep };
  const files = await readArchive(source, context.archive, keep);
  return assembleChart(files, '', 0, context);
}

/**
 * Makes a chart of files by the rules of Helm's LoadFiles: in `charts/`, a folder is a chart, a `.tgz` is a packed one,
 * names that begin with `_` or `.` and `.prov` files are the chart's own files. Anything else there is an error, as it is
 * to Helm.
 */
async function assembleChart(
  files: ChartFiles,
  where: string,
  depth: number,
  context: Context,
): Promise<Chart> {
  if (depth > maxChartDepth) {
    throw new RegistryError(
      'chart.invalid',
      `Subcharts are nested more than ${maxChartDepth} levels deep. Move the innermost further up.`,
    );
  }
  if (depth === 0 && !files.has('Chart.yaml')) throw missingManifest(files.keys());
  const { own, inside } = splitFiles(files);
  checkManifestSize(own, where);
  const manifest = readManifest(own, where, context.yaml);
  const file = own.get('values.yaml');
  const source: YamlSource = { file: `${where}values.yaml`, code: 'values.invalid', budget: context.yaml };
  const values = file ? parseValues(decodeYaml(file, source), source) : { values: {} };
  const subcharts: Chart[] = [];
  for (const [entry, content] of inside) {
    const place = `${where}charts/${entry}/`;
    const unpacked = entry.endsWith('.tgz') ? await unpack(content, entry, place, context) : content;
    subcharts.push(await assembleChart(unpacked, place, depth + 1, context));
  }
  subcharts.sort(
    (left, right) => compareBytes(left.name, right.name) || compareBytes(left.version, right.version),
  );
  return { ...manifest, ...values, files: own, subcharts };
}

/** Bounds a manifest before it is parsed. @throws RegistryError `chart.tooLarge` */
function checkManifestSize(own: ChartFiles, where: string): void {
  for (const name of ['Chart.yaml', 'requirements.yaml']) {
    const size = own.get(name)?.length ?? 0;
    if (size > maxMetadataBytes) throw metadataTooLarge(`${where}${name}`, size);
  }
}

async function unpack(
  content: ChartFiles,
  entry: string,
  place: string,
  context: Context,
): Promise<ChartFiles> {
  const packed = content.get('');
  if (!packed || content.size > 1) {
    throw new RegistryError(
      'chart.invalid',
      `${place.slice(0, -1)} must be an archive, not a folder. Rename the folder, or pack it with \`helm package\`.`,
    );
  }
  try {
    return await readArchive(Readable.from([packed]), context.archive, context.keep);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    throw new RegistryError(error.code, `In ${place.slice(0, -1)}: ${error.message}`, {
      ...error.details,
      file: entry,
    });
  }
}

/** Files of subcharts by the name of their entry in `charts/`; a file that is the entry itself has an empty path. */
function splitFiles(files: ChartFiles): { own: ChartFiles; inside: Map<string, ChartFiles> } {
  const own: ChartFiles = new Map();
  const inside = new Map<string, ChartFiles>();
  for (const [path, content] of files) {
    const [top, entry, ...rest] = path.split('/');
    if (top !== 'charts' || entry === undefined || path.endsWith('.prov') || /^[_.]/.test(entry)) {
      own.set(path, content);
      continue;
    }
    const group: ChartFiles = inside.get(entry) ?? new Map();
    group.set(rest.join('/'), content);
    inside.set(entry, group);
  }
  return { own, inside };
}
