import type { RequestListener } from 'node:http';
import type { Readable } from 'node:stream';
import { getRequestListener, RequestError } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { PreRoutingFacts, RightPlace } from '../../core/access/actor.ts';
import type { Context } from '../../core/context.ts';
import { RegistryError } from '../../core/errors.ts';
import type { ResponseBody } from '../../core/read-cache/body.ts';
import { createAdmissionCheck } from '../access/admission.ts';
import { createClientReader } from '../access/client-reader.ts';
import type { App, ReadCachedBody } from './env.ts';
import { createReadFastPath } from './read-fast-path.ts';
import type { RequestGuard } from './request-guard.ts';
import { createRequestMeters } from './request-meter.ts';
import { securityHeaders } from './security-headers.ts';
import { streamResponse } from './stream-response.ts';
import { traceRequests } from './trace-requests.ts';
import { createUnreadBodyCounter } from './unread-body-counter.ts';

/**
 * Creates the request listener of a server. Repeated reads take the fast path, the others go to the routes.
 * @param guard finds the error of a request that must be refused; the routes answer it
 */
export function createRequestListener(
  app: App,
  {
    log,
    inFlight,
    access,
    config,
    metrics,
    tracing,
  }: Pick<Context, 'log' | 'inFlight' | 'access' | 'config' | 'metrics' | 'tracing'>,
  guard: RequestGuard = () => undefined,
): RequestListener {
  const bodies = createUnreadBodyCounter(inFlight);
  const clients = createClientReader(config);
  const reads = createReadFastPath(log, bodies, clients, createAdmissionCheck(access, clients));
  const meterOf = config.metricsListen === '' ? undefined : createRequestMeters(metrics);
  const faults = new WeakMap<object, RegistryError>();
  const firstLooks = new WeakMap<object, PreRoutingFacts>();
  const route = getRequestListener(
    async (request, node) => {
      let stream: Readable | undefined;
      let where: RightPlace | undefined;
      let read: ReadCachedBody | undefined;
      const route = { path: '', isDownload: false };
      let status: number | undefined;
      const startedAt = performance.now();
      const response = await app.fetch(request, {
        ...node,
        rememberPlace: (noted: RightPlace) => {
          where = noted;
        },
        rememberRead: (noted: ReadCachedBody) => {
          read = noted;
        },
        noteRoute: (path: string) => {
          // Middleware alone matches every path.
          route.path = path === '/*' || path === '*' ? '' : path;
          if (route.path !== '')
            tracing.rename(`${node.incoming.method} ${route.path}`, { 'http.route': route.path });
        },
        noteStatus: (noted: number) => {
          status = noted;
        },
        noteDownload: () => {
          route.isDownload = true;
        },
        sendStream: (body: Readable) => {
          stream = body;
        },
        dropStream: () => {
          stream?.destroy();
          stream = undefined;
        },
        holdBody: (body: ResponseBody) => bodies.hold(node.outgoing, body),
        client: {
          address: clients.addressOf(node.incoming),
          baseUrl: () => clients.baseUrlOf(node.incoming),
        },
        refusal: faults.get(node.incoming),
        firstLook: firstLooks.get(node.incoming),
      });
      const meter = meterOf?.(route);
      if (read) reads.remember(node.incoming, read, where, meter);
      meter?.note(node.incoming.method ?? '', status ?? response.status, performance.now() - startedAt);
      if (!stream) return response;
      await streamResponse(node.outgoing, response, stream).catch((error: unknown) =>
        cutOff(node.outgoing, error),
      );
      return RESPONSE_ALREADY_SENT;
    },
    // Host for clients of HTTP/1.0, which need not send one.
    { hostname: 'localhost', errorHandler: answerUnroutable },
  );
  const answer: RequestListener = (incoming, outgoing) => {
    const answerByRoute = (firstLook?: PreRoutingFacts) => {
      if (firstLook) firstLooks.set(incoming, firstLook);
      route(incoming, outgoing).then(
        () => bodies.holdRest(outgoing),
        (error: unknown) => cutOff(outgoing, error),
      );
    };
    const fault = guard(incoming);
    if (fault) faults.set(incoming, fault);
    if (fault || !reads.answer(incoming, outgoing, answerByRoute)) answerByRoute();
  };
  return traceRequests(answer, tracing);

  /** Answers a request that cannot be routed because its target and host make no URL. */
  function answerUnroutable(error: unknown): Response {
    const isUnreadable = error instanceof RequestError;
    if (!isUnreadable) log.error({ error }, 'a request could not be routed');
    const answer = isUnreadable
      ? new RegistryError(
          'request.invalid',
          'The target of the request and its host make no URL. Send a path that begins with a slash, and HOST:PORT as Host.',
        )
      : new RegistryError('internal', 'Something went wrong here. The log says more.');
    return Response.json(answer.toBody(), { status: answer.status, headers: securityHeaders });
  }

  /** Closes the connection of a response that failed. An error thrown here would end the process. */
  function cutOff(outgoing: { destroy(): unknown }, error: unknown): void {
    log.error({ error }, 'an answer could not be sent');
    outgoing.destroy();
  }
}
