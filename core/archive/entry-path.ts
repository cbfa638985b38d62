import { RegistryError } from '../errors.ts';

/** Longer paths are no file's on any system. */
const maxPath = 4096;

/**
 * The path of an archive's entry below the chart's folder, by the rules of Helm's loader (pkg/chart/loader/archive.go):
 * the first folder is dropped whatever its name, `.` included; where there is a `\`, that is the separator.
 * Stricter than Helm in what leads elsewhere: any `..` is refused, also one that would cancel out, and absolute paths.
 *
 * @returns empty for a file that is in no folder
 * @throws RegistryError `archive.unsafePath`
 */
export function readEntryPath(name: string): string {
  const shown = JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}...` : name);
  const separator = name.includes('\\') ? '\\' : '/';
  const parts = name.split(separator);
  if (name.includes('\0')) throw unsafe(`has an entry with a NUL byte in its path: ${shown}`);
  if (Buffer.byteLength(name) > maxPath) throw unsafe(`has an entry whose path is too long: ${shown}`);
  if (name.startsWith('/') || name.startsWith('\\')) throw unsafe(`has an absolute path: ${shown}`);
  if (/^[a-zA-Z]:[\\/]/.test(name)) throw unsafe(`has a path with a drive letter: ${shown}`);
  if (parts[0] === 'Chart.yaml') {
    throw unsafe('has no folder around Chart.yaml; everything must be in one folder');
  }
  const path = clean(parts.slice(1).join('/'));
  if (path === undefined || parts.includes('..'))
    throw unsafe(`has a path that leads out of the chart: ${shown}`);
  // Helm's loader refuses all that begins so.
  if (path.startsWith('..')) throw unsafe(`has a path that begins with "..": ${shown}`);
  if (/^[a-zA-Z]:\//.test(path)) throw unsafe(`has a path with a drive letter: ${shown}`);
  return path;
}

/** Folders that hold a Chart.yaml, as many as a message names. */
const maxFolders = 5;

/**
 * Error for an archive that has no Chart.yaml where Helm looks for it: says where there are some, and what to do.
 * @param paths of files below the archive's folder
 */
export function missingManifest(paths: Iterable<string>): RegistryError {
  const folders = [...paths]
    .filter((path) => path.endsWith('/Chart.yaml'))
    .map((path) => path.slice(0, -'/Chart.yaml'.length))
    .slice(0, maxFolders);
  const what = 'The archive has no Chart.yaml';
  if (folders.length === 0) {
    const how = 'Pack the folder that has Chart.yaml with `helm package FOLDER`.';
    return new RegistryError('chart.invalid', `${what} in its folder. ${how}`);
  }
  const how = 'Pack each of these folders by itself with `helm package FOLDER`.';
  return new RegistryError('chart.invalid', `${what} at its top, but in ${folders.join(', ')}. ${how}`);
}

/** Drops empty and `.` segments; undefined where the path is absolute or has a `..`. */
function clean(path: string): string | undefined {
  if (path.startsWith('/')) return undefined;
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.');
  return segments.includes('..') ? undefined : segments.join('/');
}

function unsafe(what: string): RegistryError {
  return new RegistryError(
    'archive.unsafePath',
    `The archive ${what}. Pack the chart with \`helm package FOLDER\`.`,
  );
}
