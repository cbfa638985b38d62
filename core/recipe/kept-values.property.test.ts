import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { packChart } from '../../test/support/charts.ts';
import { makeRandomCase } from '../../test/support/helm/random-charts.ts';
import { createRandom } from '../../test/support/random.ts';
import { defaultChartLimits } from '../archive/limits.ts';
import { computeValues } from '../chart/compute-values.ts';
import { readChart } from '../chart/read-chart.ts';
import { findDifferences } from '../chart/value-differences.ts';
import { makePlan } from './compose.fixture.ts';
import { composePlan } from './compose.ts';
import { resolveTree } from './resolve-tree.ts';
import { findWarnings } from './warnings/find-warnings.ts';

/** Number of charts tried; `VALUES_CHARTS=10000` sets another, from the chart with the number `VALUES_FIRST`. */
const count = Number(process.env.VALUES_CHARTS ?? 60);
const first = Number(process.env.VALUES_FIRST ?? 1);

const warnedCodes: readonly string[] = ['values.null', 'values.imported', 'values.differ'];

it(
  `a chart that is kept whole shows what Helm shows with the configuration given by -f, or warns of the difference: ${count} charts from number ${first}`,
  async () => {
    let warned = 0;
    for (let seed = first; seed < first + count; seed += 1) {
      const { chart, given } = makeRandomCase(createRandom(seed));
      const source = await readChart(Readable.from([await packChart(chart)]), defaultChartLimits);
      const { plan, sources } = makePlan({ chart: source, keep: true, config: given });
      const tree = resolveTree(plan, sources);
      const codes = findWarnings(tree, plan).map(({ code }) => code);
      const archive = await composePlan(plan, sources, defaultChartLimits);
      const composed = await readChart(Readable.from([archive]), defaultChartLimits);
      const differs = ([3, 4] as const).some((major) => {
        const { values } = computeValues(composed, { major });
        const wanted = computeValues(source, { major, userValues: given }).values;
        return findDifferences(values, wanted, false).length > 0;
      });
      const isTold = codes.some((code) => warnedCodes.includes(code));
      expect(isTold, `chart ${seed}: ${codes.join()}`).toBe(differs);
      if (isTold) warned += 1;
    }
    // Most results can be written into a values.yaml.
    expect(warned).toBeLessThan(1 + count / 5);
  },
  Math.max(60_000, count * 500),
);
