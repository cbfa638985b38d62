import type { ChartLimits } from './archive/limits.ts';
import type { BlobStore } from './blobs/port.ts';
import { createChartWork } from './chart-work/chart-work.ts';
import type { Database } from './db/port.ts';
import type { ShutdownHooks } from './runtime/shutdown-hooks.ts';
import { createOutlineStore } from './validation/outlines.ts';
import { createPreviewer } from './validation/previewer.ts';
import { createValidator } from './validation/validator.ts';

/** Creates the parts that work in threads, which start with their first call. */
export function createThreads(
  db: Database,
  blobs: BlobStore,
  limits: ChartLimits,
  shutdownHooks: ShutdownHooks,
) {
  const validator = createValidator(createOutlineStore(db, blobs), limits);
  shutdownHooks.add('validator', () => validator.close());
  const charts = createChartWork(limits);
  shutdownHooks.add('charts', () => charts.close());
  const previewer = createPreviewer(blobs, limits);
  shutdownHooks.add('previewer', () => previewer.close());
  return { validator, charts, previewer };
}
