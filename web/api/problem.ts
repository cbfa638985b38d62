import { isRegistryError } from '@helm-registry/client';

/** Error to show: one that the registry answered, or that no answer came (`status` 0). */
export interface RequestProblem {
  status: number;
  /** Stable code of the error. */
  code: string;
  message: string;
  details: Readonly<Record<string, unknown>>;
  requestId: string | undefined;
}

/** Describes anything that was thrown as a problem to show. */
export function toProblem(error: unknown): RequestProblem {
  if (isRegistryError(error)) {
    const { status, code, message, details, requestId } = error;
    return { status, code, message, details, requestId };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { status: 0, code: 'page', message, details: {}, requestId: undefined };
}
