import { isRegistryError } from '@helm-registry/client';
import { RequestError, type RequestProblem } from './request.ts';

/** Describes anything that was thrown as a problem to show. */
export function toProblem(error: unknown): RequestProblem {
  if (error instanceof RequestError) return error.problem;
  if (isRegistryError(error)) {
    const { status, code, message, details, requestId } = error;
    return { status, code, message, details, requestId };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { status: 0, code: 'page', message, details: {}, requestId: undefined };
}
