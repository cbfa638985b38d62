import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { packChart } from '../../../test/support/charts.ts';
import { readChartRef } from './read-chart-ref.ts';

it('reads name and version of an archive, wherever its Chart.yaml stands', async () => {
  const files = { 'big.bin': Buffer.alloc(300_000, 1) };
  const subcharts = [{ name: 'inner', version: '9.9.9' }];
  const archive = await packChart({ name: 'web', version: '1.2.0-rc.1+x', files, subcharts });
  expect(await readChartRef(archive)).toEqual({ chart: 'web', version: '1.2.0-rc.1+x' });
});

it('knows nothing of bytes that are no chart, and does not fail', async () => {
  const odd = [
    Buffer.from('not an archive'),
    Buffer.alloc(0),
    gzipSync(Buffer.alloc(2048)),
    gzipSync(Buffer.alloc(2048, 0x39)),
    (await packChart({ name: 'web' })).subarray(0, 60),
  ];
  for (const bytes of odd) expect(await readChartRef(bytes)).toBeUndefined();
});
