import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { createChartWork } from '../core/chart-work/chart-work.ts';
import { errorOf } from './support/answers.ts';
import { packChart } from './support/charts.ts';
import { type EmbeddedRegistry, startEmbedded } from './support/embedded.ts';

let registry: EmbeddedRegistry;
beforeAll(async () => {
  registry = await startEmbedded({}, { worker: false });
});
afterAll(() => registry.close());

it('an upload that a busy machine cannot read in time is 503, and succeeds later', async () => {
  const { context } = registry;
  const { charts } = context.registry;
  const busy = createChartWork(context.registry.limits, 1);
  onTestFinished(() => busy.close());
  const noise = randomBytes(100_000).toString('hex');
  const archive = await packChart({ name: 'web', files: { 'files/noise.txt': noise } });
  context.registry.charts = busy;
  const refused = await registry.upload('lib', archive);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
  expect((await errorOf(refused)).code).toBe('service.busy');
  context.registry.charts = charts;
  expect((await registry.upload('lib', archive)).status).toBe(201);
});
