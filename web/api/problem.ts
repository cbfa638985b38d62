import { RequestError, type RequestProblem } from './request.ts';

/** Describes anything that was thrown as a problem to show. */
export function toProblem(error: unknown): RequestProblem {
  if (error instanceof RequestError) return error.problem;
  const message = error instanceof Error ? error.message : String(error);
  return { status: 0, code: 'page', message, details: {}, requestId: undefined };
}
