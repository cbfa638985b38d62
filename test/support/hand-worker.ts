import type { Context } from '../../core/context.ts';
import type { JobDeps } from '../../core/jobs/jobs.ts';
import { createPreparer } from '../../core/sources/preparer.ts';
import { createSourceCache, type SourceCache } from '../../core/sources/source-cache.ts';
import { createOrchestrateHandler } from '../../worker/orchestrate.ts';

/** Worker that runs the jobs that a test names, when it names them. */
export interface HandWorker {
  sources: SourceCache;
  /** Runs a job as a worker does. @param jobs dependencies, where they are not those of the registry */
  run(id: string, jobs?: JobDeps): Promise<void>;
  close(): Promise<void>;
}

/** Creates a worker for a registry that has none. */
export function createHandWorker({ jobs: own, log }: Pick<Context, 'jobs' | 'log'>): HandWorker {
  const preparer = createPreparer({ packed: 1e6, unpacked: 1e7, file: 1e6, entries: 1_000 });
  const sources = createSourceCache({ ...own, log }, preparer, 1e8);
  const silent = log.child({}, { level: 'silent' });
  return {
    sources,
    async run(id, jobs = own) {
      const { signal } = new AbortController();
      await createOrchestrateHandler(jobs, sources, silent)({ id, attempt: 1, last: false, signal });
    },
    close: () => preparer.close(),
  };
}
