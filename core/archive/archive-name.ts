import { isChartName } from '../chart/names.ts';
import { isStrictVersion, parseVersion } from '../semver/version.ts';

/** File name of a packaged chart. */
export function archiveName(chart: string, version: string): string {
  return `${chart}-${version}.tgz`;
}

/**
 * Path of a version's archive below its repository. Where the file name can be read as that of another chart, chart and
 * version stand apart before it: so a path that was given always means the same version, whatever else comes or goes.
 * Provenance files are signed for the file name, which therefore stays the last part.
 */
export function archivePath(chart: string, version: string): string {
  const file = archiveName(chart, version);
  const [first, ...others] = splitArchiveName(`${chart}-${version}`);
  const plain = others.length === 0 && first?.chart === chart && first.version === version;
  return plain ? `charts/${file}` : `charts/${chart}/${version}/${file}`;
}

/**
 * Ways to read a name as `CHART-VERSION`, the longest chart name first. Loose versions count only where no reading has a
 * strict one, or every `1.0.0-1` would be ambiguous.
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
