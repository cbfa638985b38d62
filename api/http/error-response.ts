import type { Context, ErrorHandler } from 'hono';
import { type ErrorBody, type ErrorCode, type ErrorStatus, RegistryError } from '../../core/errors.ts';
import type { Log } from '../../core/runtime/log.ts';
import { isStorageFull } from '../../core/runtime/storage-full.ts';
import { findOperatorAdvice, isTransientError } from '../../core/runtime/transient-errors.ts';
import { setBasicChallenge } from '../access/challenge.ts';
import { checkAuthorizationHeader } from '../access/route-access.ts';
import type { Env } from './env.ts';

/** Creates Hono's error handler. Errors of the interface are sent, all others are logged and hidden. */
export function createErrorHandler(log: Log): ErrorHandler<Env> {
  return (error, c) => errorResponse(c, toRegistryError(c, log, error));
}

/** Turns whatever was thrown into an error that clients may see. Faults of the registry are logged and hidden. */
export function toRegistryError(c: Context<Env>, log: Log, thrown: unknown): RegistryError {
  const error = logAndMaskFault(c, log, thrown);
  c.set('error', error);
  return error;
}

function logAndMaskFault(c: Context<Env>, log: Log, thrown: unknown): RegistryError {
  const request = c.get('requestId');
  if (thrown instanceof RegistryError && thrown.status !== 500) return thrown;
  const advice = findOperatorAdvice(thrown);
  log.error({ request, error: thrown, ...(advice ? { advice } : {}) }, 'request failed');
  if (!(thrown instanceof RegistryError)) return toPublicError(thrown, request);
  // Damaged or missing blob: the request's id leads the operator from a client's report to the log.
  return new RegistryError(thrown.code, thrown.message, { ...thrown.details, request });
}

/** Codes that every interface sends: no other format has one for a damaged or missing blob, or for a full disk. */
const codesOfEveryInterface: readonly ErrorCode[] = ['blob.damaged', 'blob.missing', 'storage.full'];

/** Checks whether every interface sends the code of an error, in its own format. */
export function sendsCodeEverywhere({ code }: RegistryError): boolean {
  return codesOfEveryInterface.includes(code);
}

/** Sends an error with its status and headers. */
export function errorResponse(c: Context<Env>, error: RegistryError): Response {
  c.set('error', error);
  if (error.retryAfter !== undefined) c.header('Retry-After', String(error.retryAfter));
  setBasicChallenge(c, error);
  return errorBodyResponse(c, error.toBody(), error.status);
}

/**
 * Sends an error body. For the original registry's Go client `code` is the HTTP status, which it reads as a number.
 */
export function errorBodyResponse(c: Context<Env>, body: ErrorBody, status: ErrorStatus): Response {
  return c.json(expectsNumericCode(c) ? { ...body, code: status } : body, status);
}

// Recognizes Go's default HTTP client without an `Accept`; docs/adr/0004 has the reasons.
function expectsNumericCode(c: Context<Env>): boolean {
  return /^Go-http-client\//.test(c.req.header('user-agent') ?? '') && c.req.header('accept') === undefined;
}

// Failures of PostgreSQL, the object store and the network are often transient: those tell the client to try again.
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

/** Makes the expression of the paths of a route; a last `{path}` has slashes. */
function patternOf(path: string): RegExp {
  const literal = path.replaceAll('.', '\\.').replace(/\{path\}$/, '[^]+');
  return new RegExp(`^${literal.replaceAll(/\{\w+\}/g, '[^/]+')}/?$`);
}

/**
 * Creates the handler for unknown routes: 405 with the allowed methods, or 404. Wrong credentials are refused here as
 * everywhere. The routes themselves are not secret, so a caller without credentials gets the same answer.
 */
export function createNotFoundHandler(routes: { method: string; path: string }[]) {
  const known = routes.map(({ method, path }) => ({
    method: method.toUpperCase(),
    pattern: patternOf(path),
  }));
  return async (c: Context<Env>) => {
    await checkAuthorizationHeader(c);
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
