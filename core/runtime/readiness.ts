import { withTimeout } from './timeout.ts';

/** State of a part; `full` can be read and has no space for writes. */
export type PartState = 'up' | 'full' | 'down';

/** Milliseconds after which a part that does not answer counts as down. */
const timeoutMs = 2_000;

/**
 * Creates the readiness check: calls all parts in parallel and answers within `timeoutMs` in any case. A part
 * that hangs has one pending check, however many requests come.
 * @param checks by the part's name; each rejects when the part cannot be reached, and returns `full` when it
 *   has no space left
 */
export function createReadinessCheck(
  checks: Record<string, () => Promise<unknown>>,
): () => Promise<Record<string, PartState>> {
  const pings = Object.entries(checks).map(([name, check]) => ({ name, ping: createPing(check) }));
  return async () => {
    const answers = await Promise.all(pings.map(async ({ name, ping }) => [name, await ping()] as const));
    return Object.fromEntries(answers);
  };
}

function createPing(check: () => Promise<unknown>): () => Promise<PartState> {
  let pending: Promise<PartState> | undefined;
  return async () => {
    pending ??= check()
      .then(
        (state): PartState => (state === 'full' ? 'full' : 'up'),
        (): PartState => 'down',
      )
      .finally(() => {
        pending = undefined;
      });
    return withTimeout(pending, timeoutMs, 'down');
  };
}
