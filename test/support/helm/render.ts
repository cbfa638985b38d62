import { type Comparison, compareRenderings } from './compare-renderings.ts';
import { type Helm, type HelmAnswer, runHelm } from './program.ts';
import type { Pair } from './workshop.ts';

const common = ['--namespace', 'apps', '--kube-version', '1.33.0', '--include-crds'];

/** Output of `helm template` for both charts of a pair, and the differences. */
export interface RenderedPair extends Comparison {
  own: HelmAnswer;
  composed: HelmAnswer;
}

/**
 * Renders both charts, and compares standard output and standard error. Helm's own chart is rendered a second time only
 * where the two renderings differ.
 *
 * @param args arguments of a user for Helm's own chart and for the composed one
 */
export async function renderPair(
  helm: Helm,
  pair: Pair,
  home: string,
  args: { own?: readonly string[]; composed?: readonly string[] } = {},
): Promise<RenderedPair> {
  const render = (chart: string, more: readonly string[] = []) =>
    runHelm(helm, ['template', 'demo', chart, ...common, ...more], home);
  const [own, composed] = await Promise.all([
    render(pair.own, args.own),
    render(pair.composed, args.composed),
  ]);
  const same = own.stdout === composed.stdout;
  const again = same ? own : await render(pair.own, args.own);
  const comparison = compareRenderings(own.stdout, again.stdout, composed.stdout);
  if (complaints(own) !== complaints(composed)) {
    comparison.differences.push(`Helm says:\n${composed.stderr}\nand of its own:\n${own.stderr}`);
  }
  if (own.passed !== composed.passed) comparison.differences.push(`passed is ${composed.passed}`);
  return { own, composed, ...comparison };
}

/** Sorts the lines of standard error, without the time and level that some begin with. */
function complaints({ stderr }: HelmAnswer): string {
  return stderr
    .split('\n')
    .map((line) => line.replace(/^(level=\w+ |time=\S+ |\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d )+/, ''))
    .sort()
    .join('\n');
}

/** Runs `helm lint` on charts in one process. @returns the messages by path */
export async function lintCharts(
  helm: Helm,
  charts: readonly string[],
  home: string,
): Promise<Map<string, string>> {
  const { stdout } = await runHelm(helm, ['lint', '--kube-version', '1.33.0', ...charts], home);
  const sections = stdout.split(/^==> Linting /m).slice(1);
  return new Map(
    sections.map((section) => {
      const [path = '', ...lines] = section.split('\n');
      return [path, lines.filter((line) => line.startsWith('[')).join('\n')];
    }),
  );
}
