import { archivePath } from '../archive/archive-name.ts';
import type { JsonObject } from '../yaml/json.ts';

/**
 * A version as the index of a chart repository lists it (Helm's repo.ChartVersion), as JSON. Where the archive is, is said
 * relative to the index.
 *
 * @param helmMetadata the fields of Chart.yaml that Helm knows, and no others: it refuses an index that has one.
 * @param digest `sha256:...`; Helm wants the hexadecimal digits alone.
 * @param created when the version got this archive.
 */
export function renderEntry(
  helmMetadata: JsonObject,
  { chart, version }: { chart: string; version: string },
  digest: string,
  created: Date,
): string {
  const entry = {
    ...helmMetadata,
    urls: [archivePath(chart, version)],
    created: created.toISOString(),
    digest: digest.replace(/^sha256:/, ''),
  };
  return JSON.stringify(entry).replace(notInYaml, escapeUnit);
}

// JSON may hold these as they are; YAML, as which an index may be read, either forbids them or takes them for line ends.
const notInYaml = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
