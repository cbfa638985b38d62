import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { defaultChartLimits } from '../../core/archive/limits.ts';
import type { Chart } from '../../core/chart/chart.ts';
import { type ChartSummary, readChart, summarizeArchive } from '../../core/chart/read-chart.ts';
import { isRegistryError } from '../../core/errors.ts';
import type { ChartView, HelmReadings } from './helm-loader.ts';

/** Outcome of an archive: both agree, one of the deliberate refusals, or a difference. */
export interface Comparison {
  outcome: 'both accept' | 'both refuse' | 'deliberate refusal' | 'difference';
  /** The code of our refusal, or what differs. */
  detail: string;
}

/** Refusals of archives that Helm loads, by ADR 0025, each with a pattern of the message. */
const deliberate: readonly (readonly [code: string, message: RegExp])[] = [
  ['archive.ambiguous', /./],
  ['archive.sparse', /./],
  ['archive.link', /./],
  ['archive.unsafePath', /absolute path|drive letter|leads out of the chart|not UTF-8/],
  ['archive.notGzip', /damaged|behind its gzip stream/],
  ['archive.truncated', /./],
];

/** Reads an archive as the registry does, and compares it with what both Helms read. */
export async function compareReadings(archive: Buffer, { helm3, helm4 }: HelmReadings): Promise<Comparison> {
  const ours = await read(archive);
  if (!('chart' in ours)) {
    if (helm3.error !== undefined || helm4.error !== undefined)
      return { outcome: 'both refuse', detail: ours.code };
    const isDeliberate = deliberate.some(
      ([code, message]) => code === ours.code && message.test(ours.message),
    );
    const detail = `${ours.code}: ${ours.message}`;
    return isDeliberate
      ? { outcome: 'deliberate refusal', detail: ours.code }
      : { outcome: 'difference', detail };
  }
  for (const [major, { error, chart }] of [['Helm 3', helm3] as const, ['Helm 4', helm4] as const]) {
    if (!chart) return { outcome: 'difference', detail: `accepted, but ${major} says: ${error}` };
    const difference = findDifference(ours.chart, chart);
    if (difference !== undefined) return { outcome: 'difference', detail: `${major}: ${difference}` };
  }
  const summaryName = `${ours.summary.name} ${ours.summary.version}`;
  if (summaryName !== `${ours.chart.name} ${ours.chart.version}`)
    return { outcome: 'difference', detail: `two names: ${summaryName}` };
  return { outcome: 'both accept', detail: '' };
}

interface Refusal {
  code: string;
  message: string;
}

async function read(archive: Buffer): Promise<Refusal | { summary: ChartSummary; chart: Chart }> {
  try {
    const summary = await summarizeArchive(archive, defaultChartLimits);
    return { summary, chart: await readChart(Readable.from([archive]), defaultChartLimits) };
  } catch (error) {
    if (isRegistryError(error)) return { code: error.code, message: error.message };
    throw error;
  }
}

function findDifference(ours: Chart, helm: ChartView, where = ''): string | undefined {
  const fields = [
    ['name', ours.name, helm.name],
    ['version', ours.version, helm.version],
    ['values', ours.values, helm.values ?? {}],
    ['files', digests(ours.files.entries()), ownFiles(helm.files)],
    ['schema', digestOf(ours.files.get('values.schema.json')), helm.schema],
    ['subcharts', ours.subcharts.length, helm.dependencies?.length ?? 0],
  ] as const;
  for (const [field, left, right] of fields)
    if (!isDeepStrictEqual(left, right))
      return `${where}${field}: ${JSON.stringify(left)} is not ${JSON.stringify(right)}`;
  for (const [index, chart] of ours.subcharts.entries()) {
    const other = helm.dependencies?.[index];
    const found = other && findDifference(chart, other, `${where}${chart.name}/`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Leaves out the files of subcharts, which both readings have in the subcharts. */
function ownFiles(files: Record<string, string>): Record<string, string> {
  const isOwn = (path: string): boolean => !/^charts\/[^_.]/.test(path) || path.endsWith('.prov');
  return Object.fromEntries(
    Object.entries(files)
      .filter(([path]) => isOwn(path))
      .sort(),
  );
}

function digests(files: Iterable<[string, Buffer]>): Record<string, string | undefined> {
  return Object.fromEntries([...files].map(([path, bytes]) => [path, digestOf(bytes)] as const).sort());
}

function digestOf(bytes: Buffer | undefined): string | undefined {
  return bytes && createHash('sha256').update(bytes).digest('hex');
}
