/** Body of a refusal, as the registry sends it. */
export interface Problem {
  message: string;
  /** Stable name of the error, as `version.notFound`. */
  code: string;
  details?: Readonly<Record<string, unknown>>;
}

/** Refusal of the registry, or a response that is not one of its own. */
export class RegistryError extends Error {
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;

  /**
   * @param status HTTP status of the response
   * @param requestId id of the request, by which the registry's log has it
   */
  constructor(
    readonly status: number,
    problem: Problem,
    readonly requestId: string | undefined,
  ) {
    super(problem.message);
    this.name = 'RegistryError';
    this.code = problem.code;
    this.details = problem.details ?? {};
  }
}
