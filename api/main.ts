import type { Context } from '../core/context.ts';
import { prepareSpace } from '../core/registry/spaces.ts';
import { shareShutdown } from '../core/shutdown.ts';
import { createApp, createHealthApp } from './app.ts';
import { listen } from './listen.ts';

/** A server that listens. */
export interface ApiServer {
  /** `http://127.0.0.1:8099` */
  url: string;
  /** Takes no new connections, gives what is in flight the time that it may have, and cuts off the rest. */
  close(): Promise<void>;
}

/**
 * Serves the interface on the configured address.
 * @throws {StartError} when the address cannot be listened on
 */
export async function startApi(context: Context): Promise<ApiServer> {
  const { registry, config } = context;
  if (config.rootSpace !== '') await prepareSpace(registry, config.rootSpace);
  const { url, close } = await listen(createApp(context).fetch, context.config.listen, 'LISTEN');
  context.log.info({ url }, 'serving');
  return {
    url,
    close() {
      context.beginClosing();
      return close(shareShutdown(context.config.shutdownTimeout).inHand);
    },
  };
}

/**
 * Answers `/healthz` and `/readyz`, and nothing else, for a process that does not serve the interface.
 * @throws {StartError} when the address cannot be listened on
 */
export async function startHealth(context: Context, address: string): Promise<ApiServer> {
  const { url, close } = await listen(createHealthApp(context).fetch, address, 'WORKER_LISTEN');
  context.log.info({ url }, 'answering for its health');
  return { url, close: () => close(0) };
}
