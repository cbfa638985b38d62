import { digestOf } from '../blobs/content.ts';
import type { Digest } from '../blobs/port.ts';
import { getKey, isObject, type Json, type JsonObject } from '../yaml/json.ts';
import { mediaTypes } from './media-types.ts';

/** The facts of a version from which its manifest is generated. */
export interface ChartSource {
  /** Entry of the version in its space's index, as JSON text. */
  entry: string;
  archive: { digest: Digest; size: number };
  provenance: { digest: Digest; size: number } | undefined;
  /** When the version got this archive. */
  createdAt: Date;
}

/**
 * Generates the manifest and the configuration of a version, as `helm push` makes them.
 * The configuration is Chart.yaml as JSON, with the fields that Helm knows. Layers are in order of their digests.
 * Annotations are those of Helm's `generateChartOCIAnnotations`, in order of their names. Equal versions give equal
 * bytes.
 */
export function makeChartManifest(source: ChartSource): { manifest: Buffer; config: Buffer } {
  const chart = readChartYaml(source.entry);
  const config = Buffer.from(JSON.stringify(chart));
  const layers = [
    { mediaType: mediaTypes.chartArchive, ...toDescriptor(source.archive) },
    ...(source.provenance
      ? [{ mediaType: mediaTypes.chartProvenance, ...toDescriptor(source.provenance) }]
      : []),
  ].sort((left, right) => (left.digest < right.digest ? -1 : 1));
  const manifest = {
    schemaVersion: 2,
    config: { mediaType: mediaTypes.chartConfig, digest: digestOf(config), size: config.length },
    layers,
    annotations: manifestAnnotations(chart, source.createdAt),
  };
  return { manifest: Buffer.from(JSON.stringify(manifest)), config };
}

function toDescriptor({ digest, size }: { digest: Digest; size: number }) {
  return { digest, size };
}

/** Reads Chart.yaml from an index entry, without the fields that the index adds. */
function readChartYaml(entry: string): JsonObject {
  const parsed: unknown = JSON.parse(entry);
  if (!isObject(parsed)) throw new Error('the index entry of a version is not an object');
  const addedKeys = ['urls', 'created', 'digest', 'removed'];
  return Object.fromEntries(Object.entries(parsed).filter(([key]) => !addedKeys.includes(key)));
}

function manifestAnnotations(chart: JsonObject, createdAt: Date): Record<string, string> {
  const text = (key: string) => {
    const value = getKey(chart, key);
    return typeof value === 'string' ? value : '';
  };
  const named: [string, string][] = [
    ['title', text('name')],
    ['version', text('version')],
    ['description', text('description')],
    ['url', text('home')],
    ['source', firstText(getKey(chart, 'sources'))],
    ['authors', authorsOf(getKey(chart, 'maintainers'))],
    ['created', createdAt.toISOString().replace(/\.\d+Z$/, 'Z')],
  ];
  const annotations: Record<string, string> = {};
  for (const [key, value] of named) if (value !== '') annotations[`org.opencontainers.image.${key}`] = value;
  const chartAnnotations = getKey(chart, 'annotations');
  for (const [key, value] of Object.entries(isObject(chartAnnotations) ? chartAnnotations : {})) {
    // Helm ignores these two annotations of a chart, and so does the registry.
    if (/^org\.opencontainers\.image\.(title|version)$/.test(key) || typeof value !== 'string') continue;
    annotations[key] = value;
  }
  return Object.fromEntries(Object.entries(annotations).sort(([left], [right]) => (left < right ? -1 : 1)));
}

function firstText(list: Json | undefined): string {
  const first = Array.isArray(list) ? list[0] : undefined;
  return typeof first === 'string' ? first : '';
}

function authorsOf(maintainers: Json | undefined): string {
  const people = (Array.isArray(maintainers) ? maintainers : []).filter(isObject);
  return people
    .map((person) => {
      const [name, email] = [getKey(person, 'name'), getKey(person, 'email')];
      return `${typeof name === 'string' ? name : ''}${typeof email === 'string' && email !== '' ? ` (${email})` : ''}`;
    })
    .join(', ');
}
