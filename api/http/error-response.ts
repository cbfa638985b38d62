import type { Context, ErrorHandler } from 'hono';
import { type ErrorBody, type ErrorStatus, RegistryError } from '../../core/errors.ts';
import type { Log } from '../../core/runtime/log.ts';
import { isStorageFull } from '../../core/runtime/storage-full.ts';
import { adviseOperator, isTransientError } from '../../core/runtime/transient-errors.ts';
import type { Env } from './env.ts';
import { honoPath } from './mount-routes.ts';

/** The one place where an error becomes an answer. What is not meant for clients is logged and hidden. */
export function createErrorHandler(log: Log): ErrorHandler<Env> {
  return (error, c) => errorResponse(c, toRegistryError(c, log, error));
}

/** What is thrown as clients may know it; what is a fault of ours is logged and hidden. */
export function toRegistryError(c: Context<Env>, log: Log, thrown: unknown): RegistryError {
  const request = c.get('requestId');
  if (thrown instanceof RegistryError && thrown.status !== 500) return thrown;
  const advice = adviseOperator(thrown);
  log.error({ request, error: thrown, ...(advice ? { advice } : {}) }, 'request failed');
  if (!(thrown instanceof RegistryError)) return toPublicError(thrown, request);
  // A fault of a stored blob: the operator finds by the request's id what the client tells of.
  return new RegistryError(thrown.code, thrown.message, { ...thrown.details, request });
}

/** Whether an error is of a stored blob that is damaged or missing, which every interface tells by our code. */
export function isBlobFault({ code }: RegistryError): boolean {
  return code === 'blob.damaged' || code === 'blob.missing';
}

/** An error's status, headers and body. */
export function errorResponse(c: Context<Env>, error: RegistryError): Response {
  if (error.retryAfter !== undefined) c.header('Retry-After', String(error.retryAfter));
  return errorBodyResponse(c, error.toBody(), error.status);
}

/** An error body as its reader knows it: the original registry's Go client reads `code` as a number, the HTTP status. */
export function errorBodyResponse(c: Context<Env>, body: ErrorBody, status: ErrorStatus): Response {
  return c.json(isOriginalClient(c) ? { ...body, code: status } : body, status);
}

// It is Go's own HTTP client, without a name of its own and without a word on what it accepts; docs/adr/0004 says more.
function isOriginalClient(c: Context<Env>): boolean {
  return /^Go-http-client\//.test(c.req.header('user-agent') ?? '') && c.req.header('accept') === undefined;
}

// PostgreSQL, the object store and the network fail in ways that pass: the client is told to come again, not that
// something is broken.
function toPublicError(error: unknown, request: string): RegistryError {
  if (isStorageFull(error)) {
    return new RegistryError(
      'storage.full',
      'The registry has no room left to store this. Reading and deleting go on; try again when its operator has made room.',
      { request },
    );
  }
  return isTransientError(error)
    ? new RegistryError(
        'service.unavailable',
        'A part of the registry cannot be reached right now. Try again in a moment.',
        { request },
      )
    : new RegistryError(
        'internal',
        `Something went wrong here. The log says more under request ${request}.`,
        { request },
      );
}

/** Answers what no route takes: 405 with the methods there are, or 404. */
export function createNotFoundHandler(routes: { method: string; path: string }[]) {
  const known = routes.map(({ method, path }) => ({
    method: method.toUpperCase(),
    pattern: new RegExp(`^${honoPath(path).replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}/?$`),
  }));
  return (c: Context<Env>) => {
    const methods = known.filter(({ pattern }) => pattern.test(c.req.path)).map(({ method }) => method);
    if (methods.length === 0) {
      return errorResponse(
        c,
        new RegistryError('route.notFound', `There is nothing at ${c.req.path}. /docs lists what there is.`),
      );
    }
    c.header('Allow', methods.join(', '));
    return errorResponse(
      c,
      new RegistryError(
        'route.methodNotAllowed',
        `${c.req.path} takes ${methods.join(', ')}, not ${c.req.method}.`,
      ),
    );
  };
}
