import { archivePath } from '../archive/archive-name.ts';
import type { JsonObject } from '../yaml/json.ts';

/**
 * Renders a version's entry of a chart repository's index (Helm's repo.ChartVersion), as JSON.
 * The archive's URL is relative to the index.
 *
 * @param helmMetadata only those fields of Chart.yaml that Helm knows: Helm refuses an index with others
 * @param digest `sha256:...`; the entry has the hexadecimal digits alone, as Helm wants
 * @param created when the version got this archive
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
  return JSON.stringify(entry).replace(yamlUnsafeCharacters, escapeUnit);
}

// Characters that JSON allows unescaped, but YAML forbids or takes for line ends; an index may be read as YAML.
const yamlUnsafeCharacters = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
