import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createChartWork } from '../core/chart-work/chart-work.ts';
import { errorOf } from './support/answers.ts';
import { packChart } from './support/charts.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';

let registry: EmbeddedRegistry;
beforeAll(async () => {
  registry = await startEmbedded({}, { worker: false });
});
afterAll(() => registry.close());

it('an upload that a busy machine has no time to read is told to come again, and is taken then', async () => {
  const { context } = registry;
  const { charts } = context.registry;
  const busy = createChartWork(context.registry.limits, 1);
  const noise = randomBytes(100_000).toString('hex');
  const archive = await packChart({ name: 'web', files: { 'files/noise.txt': noise } });
  context.registry.charts = busy;
  try {
    const refused = await registry.upload('lib', archive);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect((await errorOf(refused)).code).toBe('service.busy');
  } finally {
    context.registry.charts = charts;
    await busy.close();
  }
  expect((await registry.upload('lib', archive)).status).toBe(201);
});
