import type { FileKind, TemplateRole } from './contents.ts';

/** Names of READMEs for `helm show readme`, in lower case. */
const readmeNames = new Set(['readme.md', 'readme.txt', 'readme']);

const kindsByName = new Map<string, FileKind>([
  ['Chart.yaml', 'chart'],
  ['Chart.lock', 'chart'],
  ['requirements.yaml', 'chart'],
  ['requirements.lock', 'chart'],
  ['values.yaml', 'values'],
  ['values.schema.json', 'schema'],
]);

/**
 * Finds the kind of a file by Helm's rules. Names count exactly for what the loader reads, in any case for READMEs. A
 * CRD is a manifest in `crds/` (`CRDObjects`); other files there belong to nobody.
 * @param path path below the folder of the chart that the file belongs to
 */
export function fileKindOf(path: string): FileKind {
  const known = kindsByName.get(path);
  if (known) return known;
  if (path.startsWith('templates/')) return 'template';
  if (path.startsWith('crds/')) return /\.(?:ya?ml|json)$/.test(path) ? 'crd' : 'other';
  const name = path.toLowerCase();
  if (readmeNames.has(name)) return 'readme';
  return /^licen[cs]e(?:\.(?:md|txt))?$/.test(name) ? 'license' : 'other';
}

/** Finds the use of a template. Helm prints NOTES.txt, and renders no file that begins with `_`. */
export function templateRoleOf(path: string): TemplateRole | undefined {
  if (!path.startsWith('templates/')) return undefined;
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name === 'NOTES.txt') return 'notes';
  if (name.startsWith('_')) return 'partial';
  return path.startsWith('templates/tests/') ? 'test' : undefined;
}

/** Tells whether a file of a chart's folder is its changelog. */
export function isChangelog(path: string): boolean {
  return /^changelog(?:\.(?:md|txt))?$/i.test(path);
}
