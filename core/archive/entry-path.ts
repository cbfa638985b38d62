import { RegistryError } from '../errors.ts';

/** Bytes of the longest path; no operating system has files with longer ones. */
const maxPathBytes = 4096;

/**
 * Returns an entry's path below the chart's folder, by the rules of Helm's loader. As in Helm's
 * pkg/chart/loader/archive.go, the first folder is dropped whatever its name, `.` included; in a name with a `\`,
 * that is the separator. Stricter than Helm about paths that leave the folder: absolute paths and every `..` are
 * refused, also one that would cancel out.
 *
 * @returns an empty text for a file outside any folder
 * @throws RegistryError `archive.unsafePath`
 */
export function readEntryPath(name: string): string {
  const shown = JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}...` : name);
  const separator = name.includes('\\') ? '\\' : '/';
  const parts = name.split(separator);
  if (name.includes('\0')) throw unsafePathError(`has an entry with a NUL byte in its path: ${shown}`);
  if (Buffer.byteLength(name) > maxPathBytes)
    throw unsafePathError(`has an entry whose path is too long: ${shown}`);
  if (name.startsWith('/') || name.startsWith('\\')) throw unsafePathError(`has an absolute path: ${shown}`);
  if (/^[a-zA-Z]:[\\/]/.test(name)) throw unsafePathError(`has a path with a drive letter: ${shown}`);
  if (parts[0] === 'Chart.yaml') {
    throw unsafePathError('has no folder around Chart.yaml; everything must be in one folder');
  }
  const path = normalizeEntryPath(parts.slice(1).join('/'));
  if (path === undefined || parts.includes('..'))
    throw unsafePathError(`has a path that leads out of the chart: ${shown}`);
  // Helm's loader refuses every path that begins with two dots, also of a file named `..a`.
  if (path.startsWith('..')) throw unsafePathError(`has a path that begins with "..": ${shown}`);
  if (/^[a-zA-Z]:\//.test(path)) throw unsafePathError(`has a path with a drive letter: ${shown}`);
  return path;
}

/** Number of folders with a Chart.yaml that the message names. */
const maxNamedFolders = 5;

/**
 * Creates the error for an archive without Chart.yaml where Helm looks for it. The message names folders that have
 * one, and says how to pack the chart.
 * @param paths paths of files below the archive's folder
 */
export function missingChartYamlError(paths: Iterable<string>): RegistryError {
  const folders = [...paths]
    .filter((path) => path.endsWith('/Chart.yaml'))
    .map((path) => path.slice(0, -'/Chart.yaml'.length))
    .slice(0, maxNamedFolders);
  const problem = 'The archive has no Chart.yaml';
  if (folders.length === 0) {
    const how = 'Pack the folder that has Chart.yaml with `helm package FOLDER`.';
    return new RegistryError('chart.invalid', `${problem} in its folder. ${how}`);
  }
  const how = 'Pack each of these folders by itself with `helm package FOLDER`.';
  return new RegistryError('chart.invalid', `${problem} at its top, but in ${folders.join(', ')}. ${how}`);
}

/** Drops empty and `.` segments; returns undefined where the path is absolute or has a `..`. */
function normalizeEntryPath(path: string): string | undefined {
  if (path.startsWith('/')) return undefined;
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.');
  return segments.includes('..') ? undefined : segments.join('/');
}

function unsafePathError(problem: string): RegistryError {
  return new RegistryError(
    'archive.unsafePath',
    `The archive ${problem}. Pack the chart with \`helm package FOLDER\`.`,
  );
}
