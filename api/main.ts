import type { Server } from 'node:net';
import { ensureFirstAdmin } from '../core/access/admin/first-admin.ts';
import type { Context } from '../core/context.ts';
import { createSpaceIfMissing } from '../core/registry/spaces.ts';
import { splitShutdownBudget } from '../core/runtime/shutdown-budget.ts';
import { createApp, createHealthApp } from './app.ts';
import { createRequestListener } from './http/listener.ts';
import { createRequestGuard } from './http/request-guard.ts';
import { drainServer, listen, listenOnSharedServer } from './listen.ts';
import { certificateFiles } from './tls/certificate.ts';
import { createWebServer, type WebServerOptions } from './tls/web-server.ts';

/** Server that answers health checks. */
export interface HealthServer {
  /** `http://127.0.0.1:8099` */
  url: string;
  /** Stops accepting connections, waits for open requests within the shutdown budget, and cuts off the rest. */
  close(): Promise<void>;
}

/** Server of the whole interface. */
export interface ApiServer extends HealthServer {
  /** Passed to helper processes, which serve on it (`HelperApi.serve`). */
  server: Server;
}

/**
 * Serves the interface on the configured address.
 * @throws {StartError} when the address cannot be listened on, or the certificate cannot be used
 */
export async function startApi(context: Context): Promise<ApiServer> {
  const { registry, config } = context;
  if (config.rootSpace !== '') await createSpaceIfMissing(registry, config.rootSpace);
  if (context.access.guarded) await ensureFirstAdmin(registry, config.adminPasswordFile, context.log);
  const { url, server, close } = await listen(
    createRequestListener(createApp(context), context, createRequestGuard(config)),
    config.listen,
    'LISTEN',
    webServerOptions(context),
  );
  context.log.info({ url }, 'serving');
  return { url, server, close: () => closeRequests(context, close) };
}

/** Interface of a helper process, which waits for the server of the process that started the helper. */
export interface HelperApi {
  /** Serves on that server, from this moment on. */
  serve(listening: Server): void;
  close(): Promise<void>;
}

/**
 * Makes the interface of a helper process ready.
 * @throws {StartError} when the certificate cannot be used
 */
export async function prepareApi(context: Context): Promise<HelperApi> {
  const listener = createRequestListener(createApp(context), context, createRequestGuard(context.config));
  const web = await createWebServer(listener, webServerOptions(context));
  return {
    serve: (listening) => listenOnSharedServer(web, listening),
    close: () => closeRequests(context, (timeoutMs) => drainServer(web, timeoutMs)),
  };
}

/** Returns how the interface is served. */
function webServerOptions({ config, log }: Context): WebServerOptions {
  return { clientTimeoutMs: config.clientTimeout * 1000, certificate: certificateFiles(config), log };
}

function closeRequests(context: Context, close: (timeoutMs: number) => Promise<void>): Promise<void> {
  context.beginClosing();
  return close(splitShutdownBudget(context.config.shutdownTimeout).drainMs);
}

/**
 * Serves `/healthz` and `/readyz` alone, for a process without the interface.
 * @throws {StartError} when the address cannot be listened on
 */
export async function startHealth(context: Context, address: string): Promise<HealthServer> {
  const { url, close } = await listen(
    createRequestListener(createHealthApp(context), context),
    address,
    'WORKER_LISTEN',
    // Plain HTTP: monitoring requests health checks by address, without a name to check a certificate by.
    { ...webServerOptions(context), certificate: undefined },
  );
  context.log.info({ url }, 'serving health checks');
  return { url, close: () => close(0) };
}
