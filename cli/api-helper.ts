import { on } from 'node:events';
import { Server } from 'node:net';
import { z } from 'zod';
import { links } from '../api/links.ts';
import { type HelperApi, prepareApi } from '../api/main.ts';
import type { Config } from '../core/config/settings.ts';
import { type Context, createContext } from '../core/context.ts';
import { addProcessMetrics } from '../core/metrics/read-process.ts';
import { createLog } from '../core/runtime/log.ts';
import { splitShutdownBudget } from '../core/runtime/shutdown-budget.ts';
import { StartError } from '../core/runtime/startup-error.ts';
import { type InlineComposer, startInlineComposer } from '../worker/composer.ts';
import { metricsRequest } from './helper-metrics.ts';
import { letHeapGrow } from './signals.ts';

// Helper process: answers requests for the process that started it. Its messages are the configuration, then the
// server to listen on, requests for its metrics, then `close`.

const configMessage = z.object({ config: z.custom<Config>() });

// Ignore signals to the process group: the parent decides when to close. Without a parent there is nothing left to
// do.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => undefined);
process.once('disconnect', () => process.exit(1));

async function run(): Promise<void> {
  letHeapGrow();
  let context: Context | undefined;
  let api: HelperApi | undefined;
  let composer: InlineComposer | undefined;
  for await (const [message, handle] of on(process, 'message')) {
    if (message === 'close') break;
    const { success: isMetricsRequest, data } = metricsRequest.safeParse(message);
    if (context && isMetricsRequest) {
      process.send?.({ ...data, metrics: await context.metrics.read() });
      continue;
    }
    if (context && api && handle instanceof Server) {
      api.serve(handle);
      composer = startInlineComposer(context, context.config.apiSources);
      context.jobs.validator.warm();
    } else {
      context = await open(configMessage.parse(message).config);
      if (context.config.metricsListen !== '') addProcessMetrics(context.metrics);
      api = await prepareApi(context);
      process.send?.('prepared');
    }
  }
  if (context)
    setTimeout(() => process.exit(1), splitShutdownBudget(context.config.shutdownTimeout).totalMs).unref();
  await Promise.all([api?.close(), composer?.close()]);
  await context?.close();
}

async function open(config: Config): Promise<Context> {
  const log = createLog(config.logLevel);
  const context = await createContext(config, log, { migrate: false, name: 'helm-registry api', links });
  void context.failed.then((failure) => {
    log.fatal({ failure }, 'ending');
    process.exit(1);
  });
  return context;
}

try {
  await run();
  process.exit(0);
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  process.stderr.write(`helm-registry: ${error.message}\n`);
  process.exit(1);
}
