import { RegistryError } from '@helm-registry/client';

export type { RequestProblem } from './problem.ts';

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
 * Sends a request below `/api/v1` and reads its JSON, for routes that the client has no method for.
 * @throws {RegistryError}
 */
export async function request<T>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(`/api/v1${path}`, init);
  if (response.ok) return response.json();
  const body: unknown = await response.json().catch(() => undefined);
  const { status, headers } = response;
  const requestId = headers.get('x-request-id') ?? undefined;
  throw new RegistryError(readBody(body, status), { status, requestId });
}

/** Sends JSON below `/api/v1` and reads the answer. */
export function send<T>(method: string, path: string, body: unknown, init: RequestInit = {}): Promise<T> {
  const headers = { 'Content-Type': 'application/json', ...init.headers };
  return request<T>(path, { ...init, method, headers, body: JSON.stringify(body) });
}

function readBody(body: unknown, status: number) {
  const { code, message, details } = toRecord(body);
  return {
    code: typeof code === 'string' ? code : `http.${status}`,
    message: typeof message === 'string' ? message : `The registry answered ${status}.`,
    details: toRecord(details),
  };
}

function toRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
