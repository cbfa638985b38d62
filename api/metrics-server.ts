import type { Context } from '../core/context.ts';
import { addProcessMetrics } from '../core/metrics/read-process.ts';
import { addRegistryMetrics } from '../core/metrics/read-registry.ts';
import type { MetricSamples } from '../core/metrics/samples.ts';
import { createMetricsApp } from './app.ts';
import { createRequestListener } from './http/listener.ts';
import { createRequestGuard } from './http/request-guard.ts';
import { listen } from './listen.ts';
import type { HealthServer } from './main.ts';

/**
 * Serves `/metrics` on `METRICS_LISTEN`; undefined where that is not set. On loopback it answers to names of this machine
 * alone, as the interface does.
 * @param readHelpers reads the metrics of helper processes
 * @throws {StartError} when the address cannot be listened on
 */
export async function startMetrics(
  context: Context,
  readHelpers: () => Promise<MetricSamples[][]> = async () => [],
): Promise<HealthServer | undefined> {
  const { config, metrics, jobs, checkParts, log } = context;
  const address = config.metricsListen;
  if (address === '') return undefined;
  addProcessMetrics(metrics);
  addRegistryMetrics(metrics, {
    db: jobs.db,
    checkParts,
    spaces: config.metricsSpaces,
    followJobs: config.followJobs,
  });
  const readProcesses = async () => {
    const [own, helpers] = await Promise.all([metrics.read(), readHelpers()]);
    return [own, ...helpers];
  };
  const { url, close } = await listen(
    createRequestListener(
      createMetricsApp(context, readProcesses),
      // Scrapes are not counted among the requests.
      { ...context, config: { ...config, metricsListen: '' } },
      createRequestGuard({ listen: address, publicUrl: '', allowedHosts: [], trustedProxies: [] }),
    ),
    address,
    'METRICS_LISTEN',
    // Monitoring asks by address, without a name to check a certificate by.
    { clientTimeoutMs: config.clientTimeout * 1000, certificate: undefined, log },
  );
  log.info({ url }, 'serving metrics');
  return { url, close: () => close(0) };
}
