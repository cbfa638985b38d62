import { randomUUID } from 'node:crypto';
import { createSystemActor } from '../core/access/actor.ts';
import type { Context } from '../core/context.ts';
import { createMirrorCounter } from '../core/metrics/count-upstreams.ts';
import {
  type ClaimedMirrorRun,
  claimMirrorRun,
  mirrorLeaseSeconds,
  releaseMirrorRun,
  renewLease,
} from '../core/mirror/claim-run.ts';
import { createGuardedClient } from '../core/mirror/guarded-client.ts';
import type { MirrorDeps } from '../core/mirror/mirror-deps.ts';
import { runMirror } from '../core/mirror/run-mirror.ts';
import { type Repetition, startRepeating } from '../core/runtime/repeat.ts';
import type { Activity } from './activity.ts';

/** Mirrors that a process runs at a time. Together they make two requests at a time to each host. */
const maxConcurrentMirrors = 2;
/** Milliseconds between two renewals of a lease. */
const renewalMs = (mirrorLeaseSeconds * 1_000) / 3;

/** Creates the dependencies of runs of mirrors. */
export function createMirrorDeps(context: Context): MirrorDeps {
  const { config, jobs, log, metrics, oci, registry, uploadFolder } = context;
  const { guarded } = context.access;
  return {
    // Guarded where access is, so that the audit has what a mirror writes.
    registry: { ...registry, actor: { ...createSystemActor({ door: 'worker' }), guarded, audited: guarded } },
    ...{ sealer: jobs.sealer, guard: jobs.guard, log, uploadFolder },
    ...{ oci, client: createGuardedClient({ guard: jobs.guard, count: createMirrorCounter(metrics) }) },
    ...{ maxArchiveBytes: config.limitPacked, maxBlobBytes: config.limitBlob },
  };
}

/** Starts running mirrors that are due, until stopped. A run that is stopped is gone on with by another process. */
export function startMirroring(context: Context, activity: Activity, intervalMs: number): Repetition {
  const { log } = context;
  const deps = createMirrorDeps(context);
  const lines = Array.from({ length: maxConcurrentMirrors }, () =>
    startRepeating(
      (signal) => activity.during(() => runDueMirrors(deps, signal)),
      intervalMs,
      (error) => log.warn({ error }, 'mirrors could not be run, it is tried again'),
    ),
  );
  return {
    async stop() {
      await Promise.all(lines.map((line) => line.stop()));
      await deps.client.close();
    },
  };
}

async function runDueMirrors(deps: MirrorDeps, stopping: AbortSignal): Promise<void> {
  const holder = randomUUID();
  while (!stopping.aborted) {
    const run = await claimMirrorRun(deps.registry.db, holder);
    if (!run) return;
    await runClaimedMirror(deps, run, stopping);
  }
}

async function runClaimedMirror(
  deps: MirrorDeps,
  run: ClaimedMirrorRun,
  stopping: AbortSignal,
): Promise<void> {
  const { registry, log } = deps;
  const losing = new AbortController();
  const abort = () => losing.abort(stopping.reason);
  stopping.addEventListener('abort', abort, { once: true });
  // A renewal that fails is followed by another; the lease decides who has the run.
  const renewing = startRepeating(
    async () => {
      if (!(await renewLease(registry.db, run))) losing.abort(new Error('the run is over'));
    },
    renewalMs,
    (error) => log.warn({ error, space: run.space }, 'the lease of a mirror could not be renewed'),
  );
  try {
    await runMirror(deps, run, losing.signal);
  } catch (error) {
    if (!losing.signal.aborted)
      log.warn({ error, space: run.space }, 'a mirror broke off, it is tried again');
    // Not at once where this process is at fault: the lease runs out.
    if (stopping.aborted) await releaseMirrorRun(registry.db, run);
  } finally {
    // Nothing of a run that has broken off goes on.
    losing.abort(new Error('the run is over'));
    stopping.removeEventListener('abort', abort);
    await renewing.stop();
  }
}
