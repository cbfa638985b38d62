import { RegistryError } from '../errors.ts';

/** Longer paths are no file's on any system. */
const maxPath = 4096;

/**
 * The path of an archive's entry below the chart's folder, by the rules of Helm's loader (pkg/chart/loader/archive.go):
 * the first folder is dropped whatever its name, `.` included; where there is a `\`, that is the separator.
 * Stricter than Helm in one thing: any `..` is refused, also one that would cancel out.
 *
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
  if (parts[0] === 'Chart.yaml' || (parts[0] === '.' && parts.length === 1)) {
    throw unsafe('has no folder around Chart.yaml; everything must be in one folder');
  }
  const path = clean(parts.slice(1).join('/'));
  if (path === undefined || parts.includes('..'))
    throw unsafe(`has a path that leads out of the chart: ${shown}`);
  if (path === '') throw unsafe(`has a file outside the chart's folder: ${shown}`);
  if (/^[a-zA-Z]:\//.test(path)) throw unsafe(`has a path with a drive letter: ${shown}`);
  return path;
}

/** Drops empty and `.` segments; undefined where the path is absolute or has a `..`. */
function clean(path: string): string | undefined {
  if (path.startsWith('/')) return undefined;
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.');
  return segments.includes('..') ? undefined : segments.join('/');
}

function unsafe(what: string): RegistryError {
  return new RegistryError('archive.unsafePath', `The archive ${what}`);
}
