import { startDistribution } from '../../test/support/servers/distribution.ts';
import { makeCharts } from '../make-charts.ts';
import { createPushClient } from '../push-client.ts';
import { digestOf, type Expected, type ImportSource, publishedAt } from './source.ts';

/** Charts of a repository name with two parts; the others have three. */
const shallowShare = 0.8;

/** Starts a distribution registry with charts by the requests of `helm push`, one version each. */
export async function fillDistribution(count: number): Promise<ImportSource> {
  const registry = await startDistribution();
  const client = createPushClient(registry.url);
  const expected: Expected[] = [];
  for (const [index, archive] of (await makeCharts(count)).entries()) {
    const chart = `chart-${index}`;
    const repository = index < count * shallowShare ? `charts/${chart}` : `charts/team/${chart}`;
    const time = publishedAt(index);
    const manifest = await client.push(repository, chart, '1.0.0', archive, time);
    const digest = digestOf(archive);
    expected.push({ space: 'oci', chart, version: '1.0.0', digest, publishedAt: time, manifest });
  }
  client.close();
  return {
    name: `distribution with ${count} charts, by its catalogue`,
    args: [`oci://${new URL(registry.url).host}/charts`, 'oci'],
    expected,
    close: registry.dispose,
  };
}
