import { type Comparison, compareRenderings } from './compare-renderings.ts';
import { type Helm, type HelmAnswer, runHelm } from './program.ts';
import type { Pair } from './workshop.ts';

const common = ['--namespace', 'apps', '--kube-version', '1.33.0', '--include-crds'];

/** What `helm template` said about both charts, and where it was not the same. */
export interface RenderedPair extends Comparison {
  own: HelmAnswer;
  composed: HelmAnswer;
}

/**
 * Renders both charts, and compares what Helm says, on either output. Helm's own is rendered again only where the first
 * two differ.
 *
 * @param args what a user gives Helm, for its own chart and for the composed one
 */
export async function renderPair(
  helm: Helm,
  pair: Pair,
  home: string,
  args: { own?: readonly string[]; composed?: readonly string[] } = {},
): Promise<RenderedPair> {
  const render = (chart: string, given: readonly string[] = []) =>
    runHelm(helm, ['template', 'demo', chart, ...common, ...given], home);
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

/** What Helm complains about, in no order, and without the time that some lines begin with. */
function complaints({ stderr }: HelmAnswer): string {
  return stderr
    .split('\n')
    .map((line) => line.replace(/^(level=\w+ |time=\S+ |\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d )+/, ''))
    .sort()
    .join('\n');
}

/** What `helm lint` says of charts, by their paths; all in one process. */
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
