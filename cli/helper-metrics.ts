import type { ChildProcess } from 'node:child_process';
import { z } from 'zod';
import { mergeEndedCounters } from '../core/metrics/merge.ts';
import { type MetricSamples, metricSamplesShape } from '../core/metrics/samples.ts';
import { withTimeout } from '../core/runtime/timeout.ts';

/** Message that requests the metrics of a helper process. */
export const metricsRequest = z.object({ metricsOf: z.number() });

/** Message by which a helper process answers. */
const metricsAnswer = z.object({ metricsOf: z.number(), metrics: metricSamplesShape });

/** Milliseconds after which the last metrics of a helper process are taken for its current ones. */
const timeoutMs = 1_000;

/** Metrics of the helper processes of a host. */
export interface HelperMetrics {
  /** Counts a helper that was started, until it ends; what it counted then is kept. */
  add(helper: ChildProcess): void;
  /** Reads the metrics of all helpers, those that have ended included. */
  read(): Promise<MetricSamples[][]>;
}

/** Creates the reader of the helpers' metrics. */
export function createHelperMetrics(): HelperMetrics {
  const latest = new Map<ChildProcess, MetricSamples[]>();
  const waiting = new Map<number, () => void>();
  let ended: MetricSamples[] = [];
  let merging: Promise<void> = Promise.resolve();
  let lastRequest = 0;

  /** Keeps the counters of a helper that has ended, so that those of the host do not go down. */
  async function keep(helper: ChildProcess): Promise<void> {
    const last = latest.get(helper) ?? [];
    latest.delete(helper);
    ended = await mergeEndedCounters([ended, last]);
  }

  async function ask(helper: ChildProcess): Promise<void> {
    lastRequest += 1;
    const metricsOf = lastRequest;
    const answered = new Promise<void>((resolve) => waiting.set(metricsOf, resolve));
    // An error of a helper that is ending is its exit handler's.
    if (helper.connected) helper.send({ metricsOf }, () => undefined);
    await withTimeout(answered, timeoutMs, undefined);
    waiting.delete(metricsOf);
  }

  return {
    add(helper) {
      latest.set(helper, []);
      helper.on('message', (message) => {
        const { success, data } = metricsAnswer.safeParse(message);
        if (!success) return;
        if (latest.has(helper)) latest.set(helper, data.metrics);
        waiting.get(data.metricsOf)?.();
      });
      helper.once('exit', () => {
        merging = merging.then(() => keep(helper));
      });
    },
    async read() {
      await Promise.all([...latest.keys()].map(ask));
      await merging;
      return [ended, ...latest.values()];
    },
  };
}
