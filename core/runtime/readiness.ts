import { withTimeout } from './timeout.ts';

/** States of a part besides `down`, which its check tells. */
const statesFromCheck = ['up', 'full', 'held'] as const;

/** State of a part; `full` can be read and has no space for writes, `held` lives and does no work. */
export type PartState = (typeof statesFromCheck)[number] | 'down';

/** States of the parts of a process, by their names. */
export type PartStates = Record<string, PartState>;

/** Part that is down, full or held. */
export interface Degradation {
  part: string;
  state: Exclude<PartState, 'up'>;
  /** Time at which this process found it so first. */
  since: Date;
}

/** Parts as they were found. */
export interface FoundParts {
  parts: PartStates;
  /** Parts that are not up. */
  degradations: Degradation[];
}

/** Checks of parts by their names: each rejects when the part cannot be reached, and may return another state than `up`. */
export type PartChecks = Record<string, () => Promise<unknown>>;

/** Milliseconds after which a part that does not answer counts as down. */
const timeoutMs = 2_000;

/**
 * Creates the readiness check. All parts are called in parallel, and the check answers within `timeoutMs` in any
 * case. A part that hangs has one pending check, however many requests come.
 * @param seenThrough parts of which nothing is known while another one is down, with the name of that other one
 */
export function createReadinessCheck(
  checks: PartChecks,
  seenThrough: Record<string, string> = {},
): () => Promise<FoundParts> {
  const pings = Object.entries(checks).map(([name, check]) => ({ name, ping: createPing(check) }));
  const firstFound = new Map<string, Degradation>();

  function noteState(part: string, state: PartState): void {
    const known = firstFound.get(part);
    if (state === 'up') firstFound.delete(part);
    else if (known?.state !== state) firstFound.set(part, { part, state, since: new Date() });
  }

  return async () => {
    const answers = await Promise.all(pings.map(async ({ name, ping }) => [name, await ping()] as const));
    const found = new Map(answers);
    for (const [part, through] of Object.entries(seenThrough)) {
      if (found.get(through) === 'down') found.delete(part);
    }
    for (const [part, state] of found) noteState(part, state);
    const degradations = [...firstFound.values()].filter(({ part }) => found.has(part));
    return { parts: Object.fromEntries(found), degradations };
  };
}

function createPing(check: () => Promise<unknown>): () => Promise<PartState> {
  let pending: Promise<PartState> | undefined;
  return async () => {
    pending ??= check()
      .then(
        (state): PartState => statesFromCheck.find((known) => known === state) ?? 'up',
        (): PartState => 'down',
      )
      .finally(() => {
        pending = undefined;
      });
    return withTimeout(pending, timeoutMs, 'down');
  };
}
