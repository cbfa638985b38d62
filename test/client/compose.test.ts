import { expect, it, onTestFinished } from 'vitest';
import { createClient } from '../../client/src/index.ts';
import { packChart } from '../support/charts.ts';
import { startRegistry } from '../support/registry.ts';

it('composes a chart of stored ones, follows its job to the end and reads its lineage', async () => {
  const registry = await startRegistry();
  onTestFinished(() => registry.close());
  const client = createClient({ url: registry.url });
  const lib = client.space('lib');
  await lib.upload(await packChart({ name: 'web', values: { replicas: 1 } }));
  const job = await client.compose('lib', {
    save: { chart: 'shop', version: '1.0.0' },
    configs: {
      package: { independent: true, chart: 'web', version: '^1.0.0' },
      _config: { replicas: 3 },
    },
  });
  const states: string[] = [];
  for await (const { state } of job.events()) states.push(state);
  expect(states.at(-1)).toBe('succeeded');
  const { result } = await job.wait();
  expect(result).toMatchObject({ space: 'lib', chart: 'shop', version: '1.0.0' });
  const shop = lib.chart('shop').version('1.0.0');
  expect(await shop.values()).toEqual({ replicas: 3 });
  expect((await shop.lineage()).job).toBe(job.id);
});
