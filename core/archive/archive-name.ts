import { isChartName } from '../chart/names.ts';
import { isStrictVersion, parseVersion } from '../semver/version.ts';

/** Returns the file name of a packaged chart, as `helm package` writes it. */
export function archiveName(chart: string, version: string): string {
  return `${chart}-${version}.tgz`;
}

/**
 * Returns the path of a version's archive below its repository.
 * Where the file name can also be read as that of another chart, the path has chart and version as folders. So a path
 * always means the same version, whichever versions are added or deleted. The file name stays the last part, because
 * provenance files are signed for it.
 */
export function archivePath(chart: string, version: string): string {
  const file = archiveName(chart, version);
  const [first, ...others] = splitArchiveName(`${chart}-${version}`);
  const plain = others.length === 0 && first?.chart === chart && first.version === version;
  return plain ? `charts/${file}` : `charts/${chart}/${version}/${file}`;
}

/**
 * Splits a name into `CHART-VERSION` in every possible way, the longest chart name first.
 * Loose versions count only where no split has a strict one; otherwise every `1.0.0-1` would be ambiguous.
 */
export function splitArchiveName(name: string): { chart: string; version: string }[] {
  const parts: { chart: string; version: string }[] = [];
  for (let at = name.lastIndexOf('-'); at > 0; at = name.lastIndexOf('-', at - 1)) {
    const [chart, version] = [name.slice(0, at), name.slice(at + 1)];
    if (isChartName(chart) && parseVersion(version)) parts.push({ chart, version });
  }
  const strict = parts.filter(({ version }) => isStrictVersion(version));
  return strict.length > 0 ? strict : parts;
}
