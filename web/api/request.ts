/** Error that the registry answered, or that no answer came (`status` 0). */
export interface RequestProblem {
  status: number;
  /** Stable code of the registry's errors, or `network`. */
  code: string;
  message: string;
  details: Readonly<Record<string, unknown>>;
  requestId: string | undefined;
}

/** Thrown by {@link request}. */
export class RequestError extends Error {
  constructor(readonly problem: RequestProblem) {
    super(problem.message);
  }
}

/** Parameters of a query; those that are undefined or empty are left out. */
export type QueryParameters = Readonly<Record<string, string | number | boolean | undefined>>;

/** Joins a path and a query. */
export function withQuery(path: string, query: QueryParameters = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '') parameters.set(name, String(value));
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
}

/**
 * Sends a request below `/api/v1` and reads its JSON.
 * @param onResponse sees the response, for its headers
 * @throws RequestError
 */
export async function request<T>(
  path: string,
  init: RequestInit = {},
  onResponse: (response: Response) => void = () => {},
): Promise<T> {
  const response = await fetch(`/api/v1${path}`, init).catch((error: unknown) => {
    if (init.signal?.aborted) throw error;
    throw new RequestError(unreachable);
  });
  if (!response.ok) throw new RequestError(await readProblem(response));
  onResponse(response);
  if (response.status !== 204) return response.json();
  const nothing = await response.text();
  return JSON.parse(nothing || 'null');
}

/** Sends JSON below `/api/v1` and reads the answer. */
export function send<T>(method: string, path: string, body: unknown, init: RequestInit = {}): Promise<T> {
  return request<T>(path, {
    ...init,
    method,
    headers: { 'Content-Type': 'application/json', ...init.headers },
    body: JSON.stringify(body),
  });
}

/** Problem of a request that no registry answered. */
export const unreachable: RequestProblem = {
  status: 0,
  code: 'network',
  message: 'The registry does not answer. Check the connection, then try again.',
  details: {},
  requestId: undefined,
};

async function readProblem(response: Response): Promise<RequestProblem> {
  const body = toRecord(await response.json().catch(() => undefined));
  return {
    status: response.status,
    code: typeof body.code === 'string' ? body.code : `http.${response.status}`,
    message: typeof body.message === 'string' ? body.message : `The registry answered ${response.status}.`,
    details: toRecord(body.details),
    requestId: response.headers.get('x-request-id') ?? undefined,
  };
}

function toRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
