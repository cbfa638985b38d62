import { RegistryError } from '../errors.ts';
import { createRangeMatcher } from '../semver/range-matcher.ts';
import type { Chart } from './chart.ts';

/**
 * Refuses subcharts that Helm would render under the same name.
 * Helm reads `charts/` in no fixed order. Of two charts that one declaration matches it installs either, or mixes the
 * files of both.
 *
 * @throws RegistryError `archive.ambiguous`
 */
export function checkTwinSubcharts(chart: Chart, where = '', isProcessed = true): void {
  // Below a chart that declares nothing, Helm applies no aliases (processDependencyEnabled).
  const entries = isProcessed ? chart.dependencies : [];
  const rendered = new Map<string, Chart>();
  const addRendered = (name: string, subchart: Chart): void => {
    const twin = rendered.get(name);
    if (twin) throw ambiguousNamesError(where, name, twin, subchart);
    rendered.set(name, subchart);
  };
  const declared = new Set<Chart>();
  const ranges = createRangeMatcher();
  for (const { name, alias, version } of entries) {
    for (const subchart of chart.subcharts) {
      if (subchart.name !== name || !ranges.isInRange(version ?? '', subchart.version)) continue;
      addRendered(alias || name, subchart);
      declared.add(subchart);
    }
  }
  for (const subchart of chart.subcharts) if (!declared.has(subchart)) addRendered(subchart.name, subchart);
  for (const subchart of chart.subcharts)
    checkTwinSubcharts(subchart, `${where}charts/${subchart.name}/`, entries.length > 0);
}

function ambiguousNamesError(where: string, name: string, first: Chart, second: Chart): RegistryError {
  const shown = [first, second].map((chart) => `${chart.name} ${chart.version}`).join(' and ');
  const message = `${where}charts/ holds two charts that Helm renders as ${JSON.stringify(name)}: ${shown}. Which one counts is left to chance: remove one, or declare each with an alias and a version of its own.`;
  return new RegistryError('archive.ambiguous', message);
}
