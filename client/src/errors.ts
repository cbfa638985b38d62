/** Body of a refusal, as the registry sends it. */
export interface Problem {
  message: string;
  /** Stable name of the error, as `version.notFound`. */
  code: string;
  /** Facts for programs; `pointer` is the JSON pointer (RFC 6901) of the key that is wrong. */
  details?: Readonly<Record<string, unknown>>;
}

/** Facts about the response that a refusal came with. */
export interface ProblemResponse {
  /** HTTP status; 0 for an error without a response. */
  status: number;
  /** Id of the request, by which the registry's log has it. */
  requestId?: string | undefined;
  /** Seconds after which the registry wants to be asked again. */
  retryAfter?: number | undefined;
}

/** Codes of errors that this client makes; all others are the registry's. */
export const clientCodes = {
  /** No connection, or it broke off. */
  connection: 'connection.failed',
  /** No response within the timeout. */
  timeout: 'connection.timeout',
  /** Response that the registry does not send: a proxy's page, or another program. */
  foreign: 'response.foreign',
  /** End of a job that was cancelled while somebody waited for it. */
  cancelled: 'job.cancelled',
} as const;

/** Refusal of the registry, a response that is not one of its own, or the lack of a response. */
export class RegistryError extends Error {
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly status: number;
  readonly requestId: string | undefined;
  readonly retryAfter: number | undefined;

  constructor(problem: Problem, response: ProblemResponse, cause?: unknown) {
    super(problem.message, cause === undefined ? undefined : { cause });
    this.name = 'RegistryError';
    this.code = problem.code;
    this.details = problem.details ?? {};
    this.status = response.status;
    this.requestId = response.requestId;
    this.retryAfter = response.retryAfter;
  }
}

/** Whether a thrown value is an error of the registry or this client. If codes are given, it has one of them. */
export function isRegistryError(error: unknown, ...codes: readonly string[]): error is RegistryError {
  return error instanceof RegistryError && (codes.length === 0 || codes.includes(error.code));
}
