import { type CallBody, jsonBody } from '../transport/call.ts';
import type { CallOptions } from '../transport/options.ts';
import { readJson, type Transport } from '../transport/transport.ts';
import type { DryRun } from '../types/composition.ts';
import type { Job } from '../types/jobs.ts';
import { jobPath } from './job-path.ts';

/** Options of a recipe that is sent. */
export interface ComposeOptions extends CallOptions {
  /** Seconds for which the registry holds the answer until the job is over; 0 if absent, 300 at the most. */
  wait?: number | undefined;
  /** Name of the request: what comes again under it gets the first job. A new one if absent. */
  idempotencyKey?: string | undefined;
}

/** Options of a dry run. */
export interface DryRunOptions extends CallOptions {
  /** Version of the chart, or `latest`, with which the result is compared. */
  against?: string | undefined;
}

/** Milliseconds that a request has beyond its wait. */
const timeoutBeyondWaitMs = 60_000;

/**
 * Sends a recipe, or what changes one, and reads the job that it became.
 * @param recipe JSON, or the text of a YAML document
 * @throws {RegistryError} for a recipe that is refused, and for a job that fails within the wait
 */
export async function submitRecipe(
  transport: Transport,
  path: string,
  recipe: object | string,
  { wait = 0, idempotencyKey = createIdempotencyKey(), timeoutMs, ...options }: ComposeOptions = {},
): Promise<Job> {
  const answered = await transport.send(
    {
      ...options,
      method: 'POST',
      path,
      body: recipeBody(recipe),
      headers: { Prefer: `wait=${wait}` },
      idempotencyKey,
      timeoutMs: timeoutMs ?? wait * 1000 + timeoutBeyondWaitMs,
    },
    async (response) => {
      const body = await readJson<Job>(response);
      return { body, status: response.status, location: response.headers.get('location') };
    },
  );
  if (answered.status === 202) return answered.body;
  // A job that is over was answered with its version, and its own path is in Location.
  const id = answered.location?.split('/').at(-1) ?? '';
  return transport.json<Job>({ ...options, path: jobPath(id) });
}

/** Sends a recipe for a dry run. @throws {RegistryError} for a recipe that is refused */
export function sendDryRun(
  transport: Transport,
  path: string,
  recipe: object | string,
  { against, ...options }: DryRunOptions = {},
): Promise<DryRun> {
  const query = { dryRun: true, against };
  // A dry run stores nothing, so it may come twice.
  return transport.json({
    ...options,
    method: 'POST',
    path,
    query,
    body: recipeBody(recipe),
    isRepeatable: true,
  });
}

function recipeBody(recipe: object | string): CallBody {
  return typeof recipe === 'string' ? { content: recipe, type: 'application/yaml' } : jsonBody(recipe);
}

/** Makes an idempotency key. `crypto.randomUUID` is missing on pages without HTTPS. */
function createIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
