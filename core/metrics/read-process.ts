import { monitorEventLoopDelay } from 'node:perf_hooks';
import { programVersion } from '../runtime/package-info.ts';
import { countStuckThreads } from '../runtime/threads/stuck-threads.ts';
import type { Metrics } from './metrics.ts';

/** Milliseconds between two measurements of the event loop. */
const resolutionMs = 20;

/** Percentiles of the event loop's delay. */
const percentiles = { p50: 50, p99: 99, max: 100 } as const;

/** Adds the metrics of this process: memory, processor time, delay of the event loop. */
export function addProcessMetrics(metrics: Metrics): void {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  delays.enable();
  metrics.addReader((set) => {
    for (const [measure, percentile] of Object.entries(percentiles)) {
      // The monitor measures from one timer to the next, the regular interval included.
      const seconds = delays.count === 0 ? 0 : delays.percentile(percentile) / 1e9 - resolutionMs / 1e3;
      set('event_loop_delay_seconds', { measure }, Math.max(0, seconds));
    }
    delays.reset();
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed } = process.memoryUsage();
    set('process_cpu_seconds_total', {}, (user + system) / 1e6);
    set('process_resident_memory_bytes', {}, rss);
    set('process_heap_used_bytes', {}, heapUsed);
    set('process_start_time_seconds', {}, performance.timeOrigin / 1000);
    set('processes', {}, 1);
    set('stuck_threads', {}, countStuckThreads());
    set('build_info', { version: programVersion, node: process.versions.node }, 1);
  });
}
