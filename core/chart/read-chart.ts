import { Readable } from 'node:stream';
import { compareBytes } from '../archive/chart-order.ts';
import { missingChartYamlError } from '../archive/entry-path.ts';
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
import { parseValuesYaml } from '../yaml/yaml.ts';
import { createYamlBudget, type YamlBudget, type YamlSource } from '../yaml/yaml-source.ts';
import type { Chart, ChartFiles } from './chart.ts';
import { computeStoredValues } from './compare-majors.ts';
import { readManifest } from './manifest.ts';
import { keepHelmFields } from './manifest-types.ts';
import { readPackedFiles } from './packed-files.ts';
import { sanitizeForJsonb } from './sanitize-for-jsonb.ts';
import { splitSubcharts } from './split-subcharts.ts';
import { checkTwinSubcharts } from './twin-subcharts.ts';

/** The data of a chart that the registry stores with its archive, fit for PostgreSQL's jsonb. */
export interface ChartSummary {
  name: string;
  version: string;
  /**
   * Chart.yaml; `dependencies` has the metadata of every subchart inside, sorted by name, and is absent without
   * subcharts.
   */
  metadata: JsonObject;
  /** Chart.yaml with only those fields that Helm knows; `dependencies` as declared. */
  helmMetadata: JsonObject;
  /** Values that templates get if a user sets nothing, see `computeValues`; absent if left out by request. */
  values?: JsonObject;
  /** Sentence about the values that Helm 3 computes otherwise; absent if there are none. */
  valuesMajors?: string;
}

/** Largest depth of subcharts inside one another. */
export const maxChartDepth = 32;

/** Budgets and filter of one reading, shared with the archives inside. */
interface ReadContext {
  archive: ArchiveBudget;
  yaml: YamlBudget;
  keep: (path: string) => boolean;
  /** Gets the place of each chart in the archive, by its files. */
  places?: Map<ChartFiles, string> | undefined;
}

/**
 * Reads all files of an archive by their paths; archives in `charts/` stay packed.
 * @param keep whether a path's content is kept; other files are in the result without bytes
 * @throws RegistryError `archive.*`
 */
export async function readArchiveFiles(
  source: Readable,
  limits: ChartLimits,
  keep?: (path: string) => boolean,
): Promise<ChartFiles> {
  return readArchive(source, createArchiveBudget(limits), keep);
}

/**
 * Reads a chart with all files and subcharts.
 * @param places gets the place of each chart in the archive, by its files: `charts/db/`, `charts/db-1.0.0.tgz/`
 * @throws RegistryError `archive.*`, `chart.invalid`, `values.invalid`
 */
export async function readChart(
  source: Readable | UnpackedArchive,
  limits: ChartLimits,
  places?: Map<ChartFiles, string>,
): Promise<Chart> {
  return readTree(source, limits, () => true, places);
}

/**
 * Reads a chart from files, as if from their archive, see {@link readPackedFiles}.
 * @param folder the chart's folder in the archive
 * @throws RegistryError `archive.*`, `chart.invalid`, `chart.tooLarge`, `values.invalid`
 */
export async function readChartFiles(folder: string, files: ChartFiles, limits: ChartLimits): Promise<Chart> {
  const context: ReadContext = {
    archive: createArchiveBudget(limits),
    yaml: createYamlBudget(),
    keep: () => true,
  };
  return assembleChart(readPackedFiles(folder, files, context.archive), '', 0, context);
}

/**
 * Summarizes the chart of an archive, without keeping templates and other files in memory.
 * A stream is read to its end, or destroyed on failure.
 *
 * @throws RegistryError `archive.*`, `chart.invalid`, `chart.tooLarge`, `values.invalid`
 */
export async function summarizeArchive(
  source: Readable | Buffer | UnpackedArchive,
  limits: ChartLimits,
): Promise<ChartSummary> {
  const described =
    /^(?:charts\/[^/]+\/)*(?:Chart\.yaml|values\.yaml|values\.schema\.json|requirements\.yaml|(?:Chart|requirements)\.lock|charts\/[^/]+\.tgz)$/;
  const chart = await readTree(source, limits, (path) => described.test(path));
  checkTwinSubcharts(chart);
  return summarizeChart(chart);
}

/**
 * Summarizes a chart as {@link summarizeArchive} does for an archive.
 * @throws RegistryError `chart.tooLarge`
 */
export function summarizeChart(chart: Chart, options: { values?: boolean } = {}): ChartSummary {
  const metadata = sanitizeForJsonb(toChartMetadata(chart));
  checkMetadataSize(metadata);
  return {
    name: chart.name,
    version: chart.version,
    metadata,
    helmMetadata: sanitizeForJsonb(keepHelmFields(chart.manifest, chart.dependencies)),
    ...(options.values === false ? {} : computeStoredValues(chart)),
  };
}

/**
 * Checks the size of a chart's metadata with that of its subcharts. Lists and the index contain both.
 * @throws RegistryError `chart.tooLarge`
 */
export function checkMetadataSize(metadata: JsonObject): void {
  const size = Buffer.byteLength(JSON.stringify(metadata));
  if (size > maxMetadataBytes) throw metadataTooLarge('The metadata of the chart with its subcharts', size);
}

function metadataTooLarge(subject: string, size: number): RegistryError {
  const message = `${subject} has ${size} bytes; ${maxMetadataBytes} are allowed. Move long texts to README.md.`;
  return new RegistryError('chart.tooLarge', message);
}

/** Returns Chart.yaml with the tree of the subcharts inside. */
export function toChartMetadata(chart: Chart): JsonObject {
  const metadata = { ...chart.manifest };
  if (chart.subcharts.length > 0) setKey(metadata, 'dependencies', chart.subcharts.map(toChartMetadata));
  return metadata;
}

async function readTree(
  source: Readable | Buffer | UnpackedArchive,
  limits: ChartLimits,
  keep: (path: string) => boolean,
  places?: Map<ChartFiles, string>,
): Promise<Chart> {
  const context: ReadContext = {
    archive: createArchiveBudget(limits),
    yaml: createYamlBudget(),
    keep,
    places,
  };
  const files = await readArchive(source, context.archive, keep);
  return assembleChart(files, '', 0, context);
}

/**
 * Assembles a chart from files by the rules of Helm's LoadFiles.
 * In `charts/`, a folder is a chart, a `.tgz` is a packed one, and names that begin with `_` or `.` and `.prov` files
 * are the chart's own files. Anything else there is an error, as in Helm.
 */
async function assembleChart(
  files: ChartFiles,
  where: string,
  depth: number,
  context: ReadContext,
): Promise<Chart> {
  if (depth > maxChartDepth) {
    throw new RegistryError(
      'chart.invalid',
      `Subcharts are nested more than ${maxChartDepth} levels deep. Move the innermost further up.`,
    );
  }
  if (depth === 0 && !files.has('Chart.yaml')) throw missingChartYamlError(files.keys());
  const { ownFiles, entries } = splitSubcharts(files);
  context.places?.set(ownFiles, where);
  checkManifestSize(ownFiles, where);
  const manifest = readManifest(ownFiles, where, context.yaml);
  const file = ownFiles.get('values.yaml');
  const source: YamlSource = { file: `${where}values.yaml`, code: 'values.invalid', budget: context.yaml };
  const values = file ? parseValuesYaml(decodeYaml(file, source), source) : { values: {} };
  const subcharts: Chart[] = [];
  for (const [entry, content] of entries) {
    const place = `${where}charts/${entry}/`;
    const unpacked = entry.endsWith('.tgz') ? await unpack(content, entry, place, context) : content;
    subcharts.push(await assembleChart(unpacked, place, depth + 1, context));
  }
  subcharts.sort(
    (left, right) => compareBytes(left.name, right.name) || compareBytes(left.version, right.version),
  );
  return { ...manifest, ...values, files: ownFiles, subcharts };
}

/**
 * Checks a manifest's size before it is parsed.
 * @throws RegistryError `chart.tooLarge`
 */
function checkManifestSize(ownFiles: ChartFiles, where: string): void {
  for (const name of ['Chart.yaml', 'requirements.yaml']) {
    const size = ownFiles.get(name)?.length ?? 0;
    if (size > maxMetadataBytes) throw metadataTooLarge(`${where}${name}`, size);
  }
}

async function unpack(
  content: ChartFiles,
  entry: string,
  place: string,
  context: ReadContext,
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
