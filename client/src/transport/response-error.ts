import { clientCodes, type Problem, RegistryError } from '../errors.ts';

/** Largest number of characters of a foreign response that its error shows. */
const excerptLength = 200;

/**
 * Makes the error of a response that is not a success.
 * @param text body of the response
 */
export function createResponseError(response: Response, text: string): RegistryError {
  const problem = parseProblem(text);
  return problem
    ? new RegistryError(problem, readResponseFacts(response))
    : foreignResponseError(response, text);
}

/** Makes the error for a response that a proxy or another server has sent. */
export function foreignResponseError(response: Response, text: string, cause?: unknown): RegistryError {
  const type = response.headers.get('content-type') ?? 'nothing';
  const message = `${originOf(response)} answered ${response.status} with ${type} that is not the registry's. Check the address, and the proxy in between.`;
  const details = { contentType: type, excerpt: text.slice(0, excerptLength) };
  return new RegistryError(
    { code: clientCodes.foreign, message, details },
    readResponseFacts(response),
    cause,
  );
}

function readResponseFacts(response: Response) {
  return {
    status: response.status,
    requestId: response.headers.get('x-request-id') ?? undefined,
    retryAfter: readRetryAfter(response.headers.get('retry-after')),
  };
}

function originOf(response: Response): string {
  return URL.canParse(response.url) ? new URL(response.url).origin : 'The address';
}

function parseProblem(text: string): Problem | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(body) || typeof body.code !== 'string' || typeof body.message !== 'string') return undefined;
  const { code, message, details } = body;
  return { code, message, ...(isObject(details) ? { details } : {}) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads `Retry-After` (RFC 9110): seconds, or a date. @returns seconds from now, 0 at least */
function readRetryAfter(value: string | null): number | undefined {
  if (value === null) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - Date.now()) / 1000);
}
